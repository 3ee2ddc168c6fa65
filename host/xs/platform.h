/* What XS asks of a platform (its XSPLATFORM header), the same on a laptop and on the bare-metal core. */
#ifndef FLINT_PLATFORM_H
#define FLINT_PLATFORM_H

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* As on a RISC-V device: bytecode operands are read byte by byte, and release builds keep the stack checks.
   mxMisalignedSettersCrash stays unset: with it XS 13.3 reads only 32 bits of a BigInt64Array's elements. */
#define mxUnalignedAccess 0
#define mxBoundsCheck 1

#define mxUseDefaultCStackLimit 0
#define mxUseDefaultBuildKeys 1
#define mxUseDefaultFindModule 1
#define mxUseDefaultLoadModule 1
#define mxUseDefaultParseScript 1
#define mxUseDefaultSharedChunks 1

/* The fields XS's shared chunks want of every machine. */
#define mxMachinePlatform \
	void* waiterCondition; \
	void* waiterData; \
	struct sxMachine* waiterLink;

/* Besides its two heaps XS takes memory from malloc: key tables, the machine, jumps, regular expressions. On a device
   that is RAM as well, so memory.c charges it to the same budget. */
#define c_malloc chargedMalloc
#define c_malloc_uint32 chargedMalloc
#define c_calloc chargedCalloc
#define c_realloc chargedRealloc
#define c_free chargedFree
#define c_free_uint32 chargedFree

/* What is left of the budget; as Moddable's ESP32 has it. */
#define modGetLargestMalloc() chargeLeft()

size_t chargeLeft(void);
void* chargedMalloc(size_t size);
void* chargedCalloc(size_t count, size_t size);
void* chargedRealloc(void* pointer, size_t size);
void chargedFree(void* pointer);

#endif
