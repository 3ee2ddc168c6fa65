/** The C file and its header. */
import type { Compilation, Routine } from './routines';
import type { Source } from './source';
import { structText, cName } from './types';

/** How an entry is known outside. */
const outside = ({ head, name, node }: Routine): string =>
  head
    .replace(/^static (inline )?(__attribute__\(\(\w+\)\) )?/, '')
    .replace(`${name}(`, `flint_${node.name!.getText()}(`);

/** JavaScript's operations where C's differ, or C has none. */
const operations = `/* JavaScript's (a / b) | 0 and a % b, defined for every operand. */
static inline int32_t js_divide(int32_t a, int32_t b) { return b == 0 ? 0 : b == -1 ? (int32_t)-(uint32_t)a : a / b; }
static inline int32_t js_remainder(int32_t a, int32_t b) { return b == 0 || b == -1 ? 0 : a % b; }
static inline int32_t js_imul(int32_t a, int32_t b) { return (int32_t)((uint32_t)a * (uint32_t)b); }
static inline int32_t js_clz32(int32_t x) { return x ? __builtin_clzl((unsigned long)(uint32_t)x) - (int)(sizeof(long) - 4) * 8 : 32; }
static inline int32_t js_min(int32_t a, int32_t b) { return a < b ? a : b; }
static inline int32_t js_max(int32_t a, int32_t b) { return a > b ? a : b; }
static inline void js_fill(int8_t *a, int32_t v, int32_t begin, int32_t end) { if (end > begin) memset(a + begin, v, end - begin); }
static inline void js_copyWithin(int8_t *a, int32_t to, int32_t begin, int32_t end) { if (end > begin) memmove(a + to, a + begin, end - begin); }
`;

/** What kernels may ask about the processor; a build may say otherwise, as tests do. */
const processor = `/* Whether a product of 64 bits takes an instruction or two: not on Cortex-M0, ESP8266 and the like. */
#ifndef FLINT_WIDE_MULTIPLY
#if defined(__XTENSA__) && __has_include(<xtensa/config/core-isa.h>)
#include <xtensa/config/core-isa.h>
#define FLINT_WIDE_MULTIPLY XCHAL_HAVE_MUL32_HIGH
#elif defined(__riscv_mul) || __SIZEOF_POINTER__ == 8 || (defined(__arm__) && __ARM_ARCH > 6)
#define FLINT_WIDE_MULTIPLY 1
#else
#define FLINT_WIDE_MULTIPLY 0
#endif
#endif
/* Whether there are some thirty registers, and not sixteen. */
#ifndef FLINT_MANY_REGISTERS
#if (defined(__riscv) && !defined(__riscv_32e)) || __SIZEOF_POINTER__ == 8
#define FLINT_MANY_REGISTERS 1
#else
#define FLINT_MANY_REGISTERS 0
#endif
#endif
/* A step takes some five cycles; to wake another core, and to wait for it, a few thousand. */
#ifndef FLINT_SHARED_WORK
#define FLINT_SHARED_WORK 16384
#endif
`;

/** Arithmetic that wraps. */
const wrapping = 'static inline int32_t js_abs(int32_t a) { return a < 0 ? -a : a; }\n';

/** Arithmetic that stops at the limits of int32. */
const saturating = `
/* In checks numbers stop at the limits of int32, where JavaScript's go on beyond them. */
static inline int32_t js_clamp(int64_t x) { return x > INT32_MAX ? INT32_MAX : x < INT32_MIN ? INT32_MIN : (int32_t)x; }
static inline int32_t js_abs(int32_t a) { return a < 0 ? a == INT32_MIN ? INT32_MAX : -a : a; }
static __attribute__((noinline, unused)) int32_t js_add(int32_t a, int32_t b) { return js_clamp((int64_t)a + b); }
static __attribute__((noinline, unused)) int32_t js_subtract(int32_t a, int32_t b) { return js_clamp((int64_t)a - b); }
static __attribute__((noinline, unused)) int32_t js_multiply(int32_t a, int32_t b) { return js_clamp((int64_t)a * b); }
`;

/**
 * Integers wrap as under | 0. Three of GCC's passes run out of registers, the first by moving loads apart from
 * their uses, which costs a third more instructions; reassociation makes one chain of the products of sixteen
 * sums. test/mcu/TRIED.md has the figures.
 */
const pragma = (level: string): string => `#ifdef __clang__ /* which needs -fwrapv */
#pragma clang diagnostic ignored "-Wunknown-pragmas"
#else
#pragma GCC optimize ("${level}", "wrapv", "no-schedule-insns", "no-tree-reassoc", "no-code-hoisting")
#endif
`;

/** One C file: what it needs of JavaScript, tables, then the functions. */
export function fileText(compilation: Compilation): string {
  const { checks, routines, dispatchers, tables, entries } = compilation,
    all = [...routines.values(), ...dispatchers.values()];
  return `/* Compiled from TypeScript by host/compile; each line says from where. */
${pragma(checks ? 'Os' : 'O2')}#pragma GCC diagnostic ignored "-Wunused-parameter" /* what only messages name */
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-function"
#include "kernels.h"
#include <string.h>

${processor}
${operations}${checks ? saturating : wrapping}
${[...tables.values()].join('')}
${all.map((routine) => routine.head + ';\n').join('')}
${all.map((routine) => routine.text).join('')}
#line 1 "entries"
${entries.map((entry) => entryText(entry)).join('\n')}`;
}

function entryText(entry: Routine): string {
  const given = entry.node.parameters.map((p) => cName(p.name.getText())).join(', '),
    isVoid = entry.head.startsWith('static void ');
  return `${outside(entry)}\n{\n\t${isVoid ? '' : 'return '}${entry.name}(${given});\n}\n`;
}

/** kernels.h: what the binding needs. */
export function headerText(source: Source, compilations: Compilation[], version: number): string {
  const structs = new Set(compilations.flatMap((c) => [...c.structs])),
    entries = compilations.flatMap((c) => c.entries);
  return `/* Compiled from TypeScript by host/compile. */
#ifndef FLINT_KERNELS_H
#define FLINT_KERNELS_H
#include <stdbool.h>
#include <stdint.h>

/* Of the sources; the JavaScript made from them says the same. */
#define FLINT_VERSION (${version})

/* Whether two cores share the rows of convolutions: a line of an app's manifest says so. */
#ifndef FLINT_TWO_CORES
#if __has_include("mc.defines.h")
#include "mc.defines.h"
#endif
#ifdef MODDEF_FLINT_TWO_CORES
#define FLINT_TWO_CORES 1
#else
#define FLINT_TWO_CORES 0
#endif
#endif
#if FLINT_TWO_CORES /* with what was compiled for one core before, nothing may be linked */
#define flint_runKernel flint_runKernelPart
#endif

${[...structs].map((struct) => structText(source, struct)).join('\n')}
${entries.map((entry) => outside(entry) + ';\n').join('')}
#endif
`;
}
