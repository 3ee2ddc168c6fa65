// The Moddable SDK's build of an app for the simulator is a library; this program runs it without the window.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "screen.h"

enum { SECONDS = 2 }; // for what the app does by timers

static int running;

static void aborted(txScreen *screen, int status) { fflush(stdout); exit(status ? status : 1); }
static void launched(txScreen *screen, double interval) { running = 1; }
static void ignored(txScreen *screen) {}

int main(int argc, char **argv)
{
	static txScreen screen = { .abort = aborted, .start = launched, .stop = ignored, .formatChanged = ignored };
	void *app = dlopen(argv[1], RTLD_NOW);
	txScreenLaunchProc launch = app ? dlsym(app, "fxScreenLaunch") : NULL;
	if (!launch) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	launch(&screen);
	for (int rounds = SECONDS * 1000; rounds; rounds--) {
		g_main_context_iteration(NULL, FALSE); // timers are GLib's
		screen.idle(&screen);
		usleep(1000);
	}
	return running ? 0 : 1;
}
