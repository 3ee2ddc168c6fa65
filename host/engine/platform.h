/* What XS asks of a platform (XSPLATFORM), for the laptop and for a bare RV32 core. */
#ifndef FLINT_XS_PLATFORM
#define FLINT_XS_PLATFORM

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#define mxLittleEndian 1
#define mxExport extern
#define mxImport extern
#define XS_FUNCTION_NORETURN __attribute__((noreturn))

#if INTPTR_MAX == INT64_MAX
	#define mx32bitID 1
	#include <unistd.h>
#else
	/* As on an ESP32. mxMisalignedSettersCrash stays unset there too: it would halve BigInt64Array reads. */
	#define mxUnalignedAccess 0
	#ifndef PATH_MAX
		#define PATH_MAX 1024
	#endif
	#define realpath(path, resolved) strcpy(resolved, path)
#endif

#define mxUseDefaultBuildKeys 1
#define mxUseDefaultParseScript 1
#define mxUseDefaultSharedChunks 1

#define mxMachinePlatform \
	int promiseJobs; \
	void* memory; /* the capped RAM, see memory.h; none for the machine whose contents stand for flash */

#endif
