/* The compiled kernels alone on a bare LX106, QEMU's machine sim; no JavaScript. The program checks the model as
   `load` does, tests it, runs it, and prints a line for each part: instructions, and whether the result is right.
   The places of a file's words (Header_..., Operator_..., Tensor_...) are given by xtensa.ts. */
#include "kernels.h"

extern const int32_t file[];
extern int8_t freeMemory[];

enum { SYS_EXIT = 1, SYS_WRITE = 4, STANDARD_OUTPUT = 1 };
enum { POINTERS = 8 }; /* as in flint.c */

static int call(int number, int a, int b, int c)
{
	register int a2 __asm__("a2") = number, a3 __asm__("a3") = a, a4 __asm__("a4") = b, a5 __asm__("a5") = c;
	__asm__ volatile("simcall" : "+r"(a2), "+r"(a3) : "r"(a4), "r"(a5) : "memory");
	return a2;
}

static uint32_t now(void)
{
	uint32_t ticks;
	__asm__ volatile("rsr %0, ccount" : "=r"(ticks));
	return ticks;
}

/* The counter ticks with the emulated clock, once in so many instructions: a loop of known length tells. */
static uint32_t instructionsPerTick(void)
{
	enum { ROUNDS = 1000000, LOOP = 4 };
	uint32_t rounds = ROUNDS, begin = now();
	__asm__ volatile("1: addi %0, %0, -1\n nop\n nop\n bnez %0, 1b" : "+r"(rounds));
	uint32_t ticks = now() - begin;
	return (ROUNDS * LOOP + ticks / 2) / ticks;
}

static uint32_t scale;

/* "NAME INSTRUCTIONS RIGHT", a line. */
static void report(char name, uint32_t ticks, bool right)
{
	char text[16], *p = text + sizeof(text);
	uint32_t n = ticks * scale;
	*--p = '\n';
	*--p = right ? '1' : '0';
	*--p = ' ';
	do
		*--p = '0' + n % 10;
	while (n /= 10);
	*--p = ' ';
	*--p = name;
	call(SYS_WRITE, STANDARD_OUTPUT, (int)p, text + sizeof(text) - p);
}

int main(void)
{
	scale = instructionsPerTick();

	uint32_t begin = now();
	bool whole = flint_fileChecksum(file, Header_checksum + 1, file[Header_fileBytes] >> 2) == file[Header_checksum];
	bool sound = !flint_whatIsWrong(file);
	report('l', now() - begin, whole && sound);

	Model model = { .words = file, .bytes = (const int8_t *)file, .arena = freeMemory };
	model.single = file[Header_rounding] == 1;
	model.pointers = (int32_t *)(freeMemory + ((file[Header_arenaBytes] + 3) & ~3));
	model.sums = model.pointers + POINTERS;
	model.taps = model.sums + flint_sumsNeeded(file);

	uint32_t test = 0;
	flint_writeGolden(&model);
	for (int32_t i = 0; i < file[Header_operatorCount]; i++) {
		const int32_t *record = file + (file[(file[Header_operators] >> 2) + i] >> 2);
		const int32_t *output = file + (file[Header_tensors] >> 2) + record[Operator_output] * Tensor_words;
		begin = now();
		flint_runKernel(&model, i);
		uint32_t ticks = now() - begin;
		int32_t address = output[Tensor_address], end = address + output[Tensor_bytes];
		bool right = flint_crc32(model.arena, address, end) == record[Operator_golden];
		test += now() - begin;
		report('o', ticks, right);
	}
	report('t', test, true);

	flint_writeGolden(&model);
	begin = now();
	for (int32_t i = 0; i < file[Header_operatorCount]; i++)
		flint_runKernel(&model, i);
	report('i', now() - begin, true);
	for (;;)
		call(SYS_EXIT, 0, 0, 0);
}

/* Debian's libgcc leaves these to the ESP8266's ROM. */
uint32_t __udivsi3(uint32_t a, uint32_t b)
{
	uint32_t quotient = 0, rest = 0;
	for (int bit = 31; bit >= 0; bit--) {
		rest = rest << 1 | (a >> bit & 1);
		if (rest >= b) {
			rest -= b;
			quotient |= 1u << bit;
		}
	}
	return quotient;
}

uint32_t __umodsi3(uint32_t a, uint32_t b)
{
	return a - __udivsi3(a, b) * b;
}

int32_t __divsi3(int32_t a, int32_t b)
{
	uint32_t over = a, under = b;
	uint32_t quotient = __udivsi3(a < 0 ? -over : over, b < 0 ? -under : under);
	return (a < 0) != (b < 0) ? -quotient : quotient;
}

int32_t __modsi3(int32_t a, int32_t b)
{
	return a - __divsi3(a, b) * b;
}

uint64_t __muldi3(uint64_t a, uint64_t b)
{
	uint32_t low = a, other = b, a0 = low & 0xffff, a1 = low >> 16, b0 = other & 0xffff, b1 = other >> 16;
	uint32_t middle = (a0 * b0 >> 16) + (a1 * b0 & 0xffff) + (a0 * b1 & 0xffff);
	uint32_t high = (a1 * b0 >> 16) + (a0 * b1 >> 16) + a1 * b1 + (middle >> 16);
	return (uint64_t)(high + (uint32_t)(a >> 32) * other + low * (uint32_t)(b >> 32)) << 32 | low * other;
}
