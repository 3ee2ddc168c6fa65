// The Moddable SDK's build of an app for the simulator is a library; this program runs it without the window.
#include <dlfcn.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include "screen.h"

enum { IDLE = 1 }; // milliseconds between two looks at what the app does by timers

static int running;

static void aborted(txScreen *screen, int status) { fflush(stdout); exit(status ? status : 1); }
static void launched(txScreen *screen, double interval) { running = 1; fflush(stdout); }
static void ignored(txScreen *screen) {}

static gboolean idle(gpointer data)
{
	txScreen *screen = data;
	if (screen->idle)
		screen->idle(screen);
	fflush(stdout);
	return TRUE;
}

static gboolean end(gpointer loop)
{
	g_main_loop_quit(loop);
	return FALSE;
}

// app, seconds that it runs or 0 for until it is killed, path of the archive of a mod
int main(int argc, char **argv)
{
	static txScreen screen = { .abort = aborted, .start = launched, .stop = ignored, .formatChanged = ignored };
	void *app = dlopen(argv[1], RTLD_NOW);
	txScreenLaunchProc launch = app ? dlsym(app, "fxScreenLaunch") : NULL;
	GMainLoop *loop = g_main_loop_new(NULL, FALSE);
	gchar *archive = NULL;
	if (!launch) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	if (argc > 3 && g_file_get_contents(argv[3], &archive, NULL, NULL))
		screen.archive = archive;
	launch(&screen);
	g_timeout_add(IDLE, idle, &screen);
	if (atoi(argv[2]))
		g_timeout_add(atoi(argv[2]) * 1000, end, loop);
	g_main_loop_run(loop);
	return running ? 0 : 1;
}
