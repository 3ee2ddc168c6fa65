/* The compiled kernels as a Node addon: what src/native/flint.c is to XS, for tests. */
#include "kernels.h"
#if FLINT_TWO_CORES
#include "cores.h"
#endif
#include <node_api.h>

typedef struct {
	void *data;
	size_t size;
} Buffer;

/* An ArrayBuffer or a typed array. */
static Buffer bufferOf(napi_env env, napi_value value)
{
	Buffer buffer = { 0 };
	bool isArray = false;
	napi_is_typedarray(env, value, &isArray);
	if (isArray)
		napi_get_typedarray_info(env, value, NULL, &buffer.size, &buffer.data, NULL, NULL);
	else
		napi_get_arraybuffer_info(env, value, &buffer.data, &buffer.size);
	return buffer;
}

static int32_t intOf(napi_env env, napi_value value)
{
	int32_t number = 0;
	napi_get_value_int32(env, value, &number);
	return number;
}

static napi_value numberOf(napi_env env, int32_t number)
{
	napi_value value;
	napi_create_int32(env, number, &value);
	return value;
}

#define ARGUMENTS(n)                                          \
	napi_value args[n];                                       \
	size_t count = n;                                         \
	napi_get_cb_info(env, info, &count, args, NULL, NULL)

static napi_value version(napi_env env, napi_callback_info info)
{
	(void)info;
	return numberOf(env, FLINT_VERSION);
}

static napi_value check(napi_env env, napi_callback_info info)
{
	ARGUMENTS(1);
	const int32_t *words = bufferOf(env, args[0]).data;
	int wrong = flint_fileChecksum(words, 4, words[2] >> 2) != words[3] || flint_whatIsWrong(words);
	return numberOf(env, wrong ? -1 : flint_scratchNeeded(words));
}

static Model modelOf(napi_env env, napi_value file, napi_value arena)
{
	const int32_t *words = bufferOf(env, file).data;
	return (Model){ .words = words, .bytes = (const int8_t *)words, .arena = bufferOf(env, arena).data, .single = words[4] == 1 };
}

#if FLINT_TWO_CORES
static int32_t operatorsShared;

/* How many operators were run that two cores share. */
static napi_value shared(napi_env env, napi_callback_info info)
{
	(void)info;
	return numberOf(env, operatorsShared);
}
#endif

static napi_value run(napi_env env, napi_callback_info info)
{
	ARGUMENTS(4);
	Model model = modelOf(env, args[0], args[1]);
	int32_t index = intOf(env, args[3]);
	model.pointers = bufferOf(env, args[2]).data;
	model.sums = model.pointers + 8;
	model.taps = model.sums + flint_sumsOf(model.words, index);
#if FLINT_TWO_CORES
	operatorsShared += flint_stripOf(model.words, index) >= 0;
	flint_runOnCores(&model, index);
#else
	flint_runKernel(&model, index);
#endif
	return NULL;
}

static napi_value writeGolden(napi_env env, napi_callback_info info)
{
	ARGUMENTS(2);
	Model model = modelOf(env, args[0], args[1]);
	flint_writeGolden(&model);
	return NULL;
}

static napi_value crc32(napi_env env, napi_callback_info info)
{
	ARGUMENTS(3);
	return numberOf(env, flint_crc32(bufferOf(env, args[0]).data, intOf(env, args[1]), intOf(env, args[2])));
}

static napi_value resample(napi_env env, napi_callback_info info)
{
	ARGUMENTS(8);
	const int8_t *file = bufferOf(env, args[0]).data;
	flint_resample((const int32_t *)(file + intOf(env, args[1])), bufferOf(env, args[2]).data, intOf(env, args[3]), intOf(env, args[4]),
		intOf(env, args[5]), intOf(env, args[6]), bufferOf(env, args[7]).data);
	return NULL;
}

napi_value napi_register_module_v1(napi_env env, napi_value exports)
{
	static const struct { const char *name; napi_callback callback; } functions[] = {
		{ "version", version }, { "check", check }, { "run", run }, { "writeGolden", writeGolden }, { "crc32", crc32 }, { "resample", resample },
#if FLINT_TWO_CORES
		{ "shared", shared },
#endif
	};
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
		napi_value function;
		napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH, functions[i].callback, NULL, &function);
		napi_set_named_property(env, exports, functions[i].name, function);
	}
	return exports;
}
