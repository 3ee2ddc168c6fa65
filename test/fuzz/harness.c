/*
 * The compiled checks and kernels under AddressSanitizer, for the fuzzer: reads cases and answers each. File,
 * arena and the kernels' lists are blocks of exactly their size, and of the arena an operator may touch only
 * what is its own: one byte beside is a report, and the end of this process.
 *
 * A case, in int32: the fields of Case below; the file; where it is run, for each operator the number of
 * spans of the arena that it may touch, and their begins and ends. The first is its output, the second its
 * scratch; these two it may write.
 *
 * The answer: sums, or -1 where the checks refuse; where it is run, a hash of each operator's output, one of
 * the arena at the end, and one of the image as the model takes it.
 */
#include "kernels.h"
#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHECKSUM = 3, ROUNDING, ARENA_BYTES, OPERATOR_COUNT = 9, PREPROCESSING = 18, GOLDEN }; /* Header */
enum { WIDTH, HEIGHT, COLOR, GRAY = 0 }; /* Preprocessing */
enum { SECONDS = 60 }; /* that a case may take */

typedef struct {
	int32_t bytes; /* of the file */
	int32_t run; /* whether it is run */
	int32_t seed; /* of the arena's bytes */
	int32_t shift; /* bytes from the sanitizer's grain, which is 8 wide, to the arena */
	int32_t sums, pointers, taps; /* lengths of the kernels' lists */
	int32_t width, height, format, orientation; /* of an image; no width: of none */
} Case;

typedef struct {
	int32_t begin, end;
} Span;

static void readAll(void *to, size_t size)
{
	if (fread(to, 1, size, stdin) != size)
		exit(2);
}

static void answer(int32_t value)
{
	fwrite(&value, 4, 1, stdout);
}

/* Random bytes; for an even seed the ends of int8 alone. */
static void fill(void *to, size_t size, int32_t seed)
{
	uint32_t x = seed ? (uint32_t)seed : 1;
	uint8_t *bytes = to;
	for (size_t i = 0; i < size; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		bytes[i] = seed & 1 ? x : 127 + (x & 1);
	}
}

static int32_t hash(const int8_t *bytes, size_t size)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < size; i++)
		h = (h ^ (uint32_t)bytes[i]) * 16777619u;
	return (int32_t)h;
}

/* One of the kernels' lists. It holds noise, for nothing is read before it is written. */
static int32_t *list(int32_t length)
{
	int32_t *memory = malloc((size_t)length * 4);
	memset(memory, 0x5a, (size_t)length * 4);
	return memory;
}

static void runOperator(Model *model, int32_t index, int8_t *kept)
{
	int32_t count, size = model->words[ARENA_BYTES];
	int8_t *arena = model->arena;
	readAll(&count, sizeof count);
	Span *spans = malloc(count * sizeof *spans);
	readAll(spans, count * sizeof *spans);
	memcpy(kept, arena, size);
	__asan_poison_memory_region(arena, size);
	for (int32_t i = 0; i < count; i++)
		__asan_unpoison_memory_region(arena + spans[i].begin, spans[i].end - spans[i].begin);
	flint_runKernel(model, index);
	__asan_unpoison_memory_region(arena, size);
	for (int32_t i = 0; i < 2; i++)
		memcpy(kept + spans[i].begin, arena + spans[i].begin, spans[i].end - spans[i].begin);
	for (int32_t i = 0; i < size; i++)
		if (kept[i] != arena[i]) {
			fprintf(stderr, "ERROR: operator %d writes arena[%d], no output or scratch of its own\n", index, i);
			abort();
		}
	answer(hash(arena + spans[0].begin, spans[0].end - spans[0].begin));
	free(spans);
}

static void runAll(const Case *c, const int32_t *words)
{
	int32_t size = words[ARENA_BYTES];
	int8_t *block = malloc((size_t)size + c->shift), *kept = malloc(size);
	Model model = { .words = words, .bytes = (const int8_t *)words, .single = words[ROUNDING] == 1 };
	model.arena = block + c->shift;
	model.sums = list(c->sums);
	model.pointers = list(c->pointers);
	model.taps = list(c->taps);
	fill(model.arena, size, c->seed);
	if (words[GOLDEN])
		flint_writeGolden(&model);
	for (int32_t i = 0; i < words[OPERATOR_COUNT]; i++)
		runOperator(&model, i, kept);
	answer(hash(model.arena, size));
	free(model.sums);
	free(model.pointers);
	free(model.taps);
	free(block);
	free(kept);
}

static void resample(const Case *c, const int32_t *words)
{
	static const int32_t bytesOf[] = { 1, 3, 2, 2, 2 };
	const int32_t *recipe = words + (words[PREPROCESSING] >> 2);
	size_t pixelBytes = (size_t)c->width * c->height * bytesOf[c->format],
	       inputBytes = (size_t)recipe[WIDTH] * recipe[HEIGHT] * (recipe[COLOR] == GRAY ? 1 : 3);
	uint8_t *pixels = malloc(pixelBytes);
	int8_t *input = malloc(inputBytes);
	fill(pixels, pixelBytes, c->seed);
	flint_resample(recipe, pixels, c->width, c->height, c->format, c->orientation, input);
	answer(hash(input, inputBytes));
	free(pixels);
	free(input);
}

int main(void)
{
	Case c;
	while (fread(&c, sizeof c, 1, stdin) == 1) {
		int32_t *words = malloc(c.bytes);
		readAll(words, c.bytes);
		alarm(SECONDS);
		int damaged = flint_fileChecksum(words, CHECKSUM + 1, c.bytes >> 2) != words[CHECKSUM];
		answer(damaged || flint_whatIsWrong(words) ? -1 : flint_sumsNeeded(words));
		fflush(stdout);
		if (c.run)
			runAll(&c, words);
		if (c.run && c.width)
			resample(&c, words);
		fflush(stdout);
		free(words);
	}
	return 0;
}
