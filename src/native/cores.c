/* Two cores share the output rows of an operator: a task computes the second half of them while who calls computes
   the first. The task knows nothing of XS, allocates nothing, and nothing can go wrong in it that load did not check. */
#include "cores.h"
#include <stdatomic.h>

#if !FLINT_TWO_CORES
	#error "of flint, dist/device/two-cores/manifest.json must be included, not this file alone"
#endif

static void computeHalves(void *nothing);

#if ESP32
	#include "freertos/FreeRTOS.h"
	#include "freertos/semphr.h"
	#include "freertos/task.h"
	#if CONFIG_FREERTOS_UNICORE
		#error "this chip has one core, or uses one: leave out flint's two-cores/manifest.json"
	#endif
	enum { STACK_BYTES = 3072 };
	typedef SemaphoreHandle_t Signal;
	static Signal begin, end;

	#define give(signal) xSemaphoreGive(*(signal))
	#define take(signal) xSemaphoreTake(*(signal), portMAX_DELAY)

	/* As XS's own task it belongs to no core, and has the same priority: it runs on the one where XS does not. */
	static bool startTask(void)
	{
		begin = xSemaphoreCreateBinary();
		end = xSemaphoreCreateBinary();
		return begin && end && xTaskCreate(computeHalves, "flint", STACK_BYTES / sizeof(StackType_t), NULL, uxTaskPriorityGet(NULL), NULL) == pdPASS;
	}
#else
	#include <pthread.h>
	/* A thread takes longer to wake than a task of FreeRTOS, tens of microseconds: it looks so often before it sleeps. */
	enum { LOOKS = 100000 };
	typedef struct {
		pthread_mutex_t mutex;
		pthread_cond_t changed;
		atomic_bool isGiven;
	} Signal;
	static Signal begin = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false };
	static Signal end = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false };

	static void give(Signal *signal)
	{
		pthread_mutex_lock(&signal->mutex);
		signal->isGiven = true;
		pthread_cond_signal(&signal->changed);
		pthread_mutex_unlock(&signal->mutex);
	}

	static void take(Signal *signal)
	{
		for (int i = 0; i < LOOKS && !signal->isGiven; i++)
			;
		pthread_mutex_lock(&signal->mutex);
		while (!signal->isGiven)
			pthread_cond_wait(&signal->changed, &signal->mutex);
		signal->isGiven = false;
		pthread_mutex_unlock(&signal->mutex);
	}

	static void *thread(void *nothing)
	{
		computeHalves(nothing);
		return NULL;
	}

	static bool startTask(void)
	{
		pthread_t id;
		return pthread_create(&id, NULL, thread, NULL) == 0;
	}
#endif

enum { FIRST = 1, SECOND }; /* Part in operators/share.ts */

/* What the task computes next: who has isBusy writes it before `begin`, and reads nothing of it before `end`. */
static Model second;
static int32_t operator;
/* Another machine of XS, in a Worker, may run a model at the same time: it then does so alone. */
static atomic_flag isBusy = ATOMIC_FLAG_INIT;
static enum { NOT_YET, STARTED, IMPOSSIBLE } task;

static void computeHalves(void *nothing)
{
	(void)nothing;
	for (;;) {
		take(&begin);
		flint_runKernel(&second, operator);
		give(&end);
	}
}

/* The model for one half of the rows: what its kernel keeps lies so many integers further on. */
static Model partOf(const Model *model, int32_t part, int32_t further)
{
	Model own = *model;
	own.part = part;
	own.pointers += further;
	own.sums += further;
	own.taps += further;
	return own;
}

static void share(const Model *model, int32_t index, int32_t strip)
{
	int32_t each = (flint_scratchOf(model->words, index) - strip) / 2;
	Model first = partOf(model, FIRST, strip);
	second = partOf(model, SECOND, strip + each);
	operator = index;
	give(&begin);
	flint_runKernel(&first, index);
	take(&end);
}

void flint_runOnCores(Model *model, int32_t index)
{
	int32_t strip = flint_stripOf(model->words, index);
	if (strip < 0 || atomic_flag_test_and_set(&isBusy)) {
		flint_runKernel(model, index);
		return;
	}
	if (task == NOT_YET)
		task = startTask() ? STARTED : IMPOSSIBLE;
	if (task == STARTED)
		share(model, index, strip);
	else
		flint_runKernel(model, index);
	atomic_flag_clear(&isBusy);
}
