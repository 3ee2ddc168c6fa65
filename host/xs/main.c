/* xs [--ram BYTES] [--stack SLOTS] [--slots COUNT] [--chunks BYTES] [--resource NAME=FILE]... [--preload FILE] [--interpreted 1] script.js [args...]
   xs @FILE, where each line of FILE is one such argument */
#include "host.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void usage(const char* message, const char* detail)
{
	fprintf(stderr, "XS: %s %s\n", message, detail);
	exit(EXIT_USAGE);
}

/* The whole file, with a zero after it. */
static char* readFile(const char* path, size_t* size)
{
	FILE* file = fopen(path, "rb");
	char* data = NULL;
	if (file && !fseek(file, 0, SEEK_END)) {
		*size = ftell(file);
		rewind(file);
		data = malloc(*size + 1);
		if (data && fread(data, 1, *size, file) == *size)
			data[*size] = 0;
		else
			data = NULL;
		fclose(file);
	}
	if (!data)
		usage("cannot read", path);
	return data;
}

/* A semihosted command line is short and split at spaces, so arguments may come from a file. */
static int readArguments(const char* path, char*** arguments)
{
	size_t size;
	char* text = readFile(path, &size);
	int count = 0;
	*arguments = malloc((size + 2) * sizeof(char*));
	for (char* line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		(*arguments)[++count] = line;
	return count + 1;
}

static void loadResource(char* argument)
{
	char* path = strchr(argument, '=');
	size_t size;
	if (!path)
		usage("--resource wants NAME=FILE, not", argument);
	*path++ = 0;
	char* data = readFile(path, &size);
	addResource(argument, data, size);
}

int main(int count, char** arguments)
{
	Sizes sizes = { .ram = 64 << 20 };
	size_t interpreted = 0;
	struct { const char* name; size_t* value; } options[] = {
		{ "--ram", &sizes.ram }, { "--stack", &sizes.stack }, { "--slots", &sizes.slots }, { "--chunks", &sizes.chunks },
		{ "--interpreted", &interpreted }, /* without the compiled kernels */
	};
	const char* preload = NULL;
	int next = 1;
	if (count == 2 && arguments[1][0] == '@')
		count = readArguments(arguments[1] + 1, &arguments);
	for (; next + 1 < count && !strncmp(arguments[next], "--", 2); next += 2) {
		size_t* value = NULL;
		if (!strcmp(arguments[next], "--resource")) {
			loadResource(arguments[next + 1]);
			continue;
		}
		if (!strcmp(arguments[next], "--preload")) {
			preload = arguments[next + 1];
			continue;
		}
		for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
			if (!strcmp(arguments[next], options[i].name))
				value = options[i].value;
		if (!value)
			usage("unknown option", arguments[next]);
		*value = strtoul(arguments[next + 1], NULL, 10);
	}
	if (next >= count)
		usage("no script", "given");
	setStackLimit((char*)&next);
	setvbuf(stdout, NULL, _IOLBF, 4096);

	size_t size;
	char* source = readFile(arguments[next], &size);
	struct sxMachine* rom = createRom();
	installConsole(rom, count - next - 1, arguments + next + 1);
	installEngine(rom);
	installResource(rom);
	if (!interpreted)
		installNative(rom);
	if (preload) {
		size_t length;
		char* library = readFile(preload, &length);
		runInRom(rom, library, length);
		free(library);
	}
	void* script = compileToRom(rom, source, size);
	free(source);
	sealRom(rom);
	return runMachine(rom, script, sizes);
}
