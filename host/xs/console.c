/* The globals trace, print, args, exit, Time and Timer. */
#include "xsAll.h"
#include "xs.h"
#include "host.h"

static void writeArguments(xsMachine* the)
{
	int count = xsToInteger(xsArgc);
	for (int i = 0; i < count; i++)
		fputs(xsToString(xsArg(i)), stdout);
}

static void print(xsMachine* the)
{
	writeArguments(the);
	fputc('\n', stdout);
}

static void quit(xsMachine* the)
{
	int code = xsToInteger(xsArgc) > 0 ? xsToInteger(xsArg(0)) : 0;
	fflush(stdout);
	exit(code);
}

/* 32 bits that wrap, as on a device. */
static void getTicks(xsMachine* the)
{
	xsResult = xsInteger((int32_t)(uint32_t)(uint64_t)(microseconds() / 1000));
}

static void getMicroseconds(xsMachine* the)
{
	xsResult = xsNumber(microseconds());
}

/* Timer.set(callback): after all that runs and waits. There is nothing else to wait for. */
static void setTimer(xsMachine* the)
{
	xsVars(1);
	xsVar(0) = xsGet(xsGlobal, xsID("Promise"));
	xsVar(0) = xsCall0(xsVar(0), xsID("resolve"));
	xsCall1(xsVar(0), xsID("then"), xsArg(0));
}

void installConsole(xsMachine* machine, int count, char** strings)
{
	xsBeginHost(machine);
	xsVars(1);
	xsDefine(xsGlobal, xsID("trace"), xsNewHostFunction(writeArguments, 1), xsDontEnum);
	xsDefine(xsGlobal, xsID("print"), xsNewHostFunction(print, 1), xsDontEnum);
	xsDefine(xsGlobal, xsID("exit"), xsNewHostFunction(quit, 1), xsDontEnum);
	xsVar(0) = xsNewArray(count);
	for (int i = 0; i < count; i++)
		xsSetIndex(xsVar(0), i, xsString(strings[i]));
	xsDefine(xsGlobal, xsID("args"), xsVar(0), xsDontEnum);
	xsVar(0) = xsNewObject();
	xsDefine(xsVar(0), xsID("ticks"), xsNewHostFunction(getTicks, 0), xsIsGetter);
	xsDefine(xsVar(0), xsID("microseconds"), xsNewHostFunction(getMicroseconds, 0), xsIsGetter);
	xsDefine(xsGlobal, xsID("Time"), xsVar(0), xsDontEnum);
	xsVar(0) = xsNewObject();
	xsDefine(xsVar(0), xsID("set"), xsNewHostFunction(setTimer, 1), xsDontEnum);
	xsDefine(xsGlobal, xsID("Timer"), xsVar(0), xsDontEnum);
	xsEndHost(machine);
}
