// Runs an app that the Moddable SDK has built for the simulator, without the window, until it is killed.
#include <dlfcn.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include "screen.h"

static void aborted(txScreen *screen, int status) { fflush(stdout); exit(status ? status : 1); }
static void started(txScreen *screen, double interval) { fflush(stdout); }
static void ignored(txScreen *screen) {}

static gboolean idle(gpointer data)
{
	txScreen *screen = data;
	if (screen->idle)
		screen->idle(screen);
	fflush(stdout);
	return TRUE;
}

// screen, path of the archive of a mod
static txScreen screen = { .abort = aborted, .start = started, .stop = ignored, .formatChanged = ignored };

int main(int argc, char **argv)
{
	void *app = dlopen(argv[1], RTLD_NOW);
	txScreenLaunchProc launch = app ? dlsym(app, "fxScreenLaunch") : NULL;
	gchar *archive = NULL;
	if (!launch) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	if (argc > 2 && g_file_get_contents(argv[2], &archive, NULL, NULL))
		screen.archive = archive;
	launch(&screen);
	g_timeout_add(5, idle, &screen);
	g_main_loop_run(g_main_loop_new(NULL, FALSE));
	return 1;
}
