/* Runs model files on two cores under ThreadSanitizer, each operator of each a few times: race FILE... */
#include "cores.h"
#include <stdio.h>
#include <stdlib.h>

enum { ROUNDING = 4, ARENA_BYTES, OPERATOR_COUNT = 9 }; /* Header in format.ts */
enum { POINTERS = 8, TIMES = 3 };

static int32_t *read(const char *path)
{
	FILE *file = fopen(path, "rb");
	fseek(file, 0, SEEK_END);
	long size = ftell(file);
	int32_t *words = malloc(size);
	rewind(file);
	if (fread(words, 1, size, file) != (size_t)size)
		exit(2);
	fclose(file);
	return words;
}

int main(int count, char **paths)
{
	int32_t shared = 0;
	for (int i = 1; i < count; i++) {
		int32_t *words = read(paths[i]), arenaBytes = words[ARENA_BYTES];
		if (flint_whatIsWrong(words))
			return 2;
		int8_t *block = calloc(arenaBytes + flint_scratchNeeded(words) * 4, 1);
		Model model = { .words = words, .bytes = (int8_t *)words, .arena = block, .single = words[ROUNDING] == 1 };
		for (int32_t index = 0; index < words[OPERATOR_COUNT]; index++) {
			model.pointers = (int32_t *)(block + arenaBytes);
			model.sums = model.pointers + POINTERS;
			model.taps = model.sums + flint_sumsOf(words, index);
			shared += flint_stripOf(words, index) >= 0;
			for (int time = 0; time < TIMES; time++)
				flint_runOnCores(&model, index);
		}
		free(block);
		free(words);
	}
	printf("%d", shared);
	return 0;
}
