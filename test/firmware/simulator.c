// The Moddable SDK's build of an app for the simulator is a library; this program runs it without the window.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include "screen.h"

static void aborted(txScreen *screen, int status) { fflush(stdout); exit(status ? status : 1); }
static void launched(txScreen *screen, double interval) { fflush(stdout); exit(0); }
static void ignored(txScreen *screen) {}

int main(int argc, char **argv)
{
	static txScreen screen = { .abort = aborted, .start = launched, .formatChanged = ignored };
	void *app = dlopen(argv[1], RTLD_NOW);
	txScreenLaunchProc launch = app ? dlsym(app, "fxScreenLaunch") : NULL;
	if (launch)
		launch(&screen);
	else
		fprintf(stderr, "%s\n", dlerror());
	return 1;
}
