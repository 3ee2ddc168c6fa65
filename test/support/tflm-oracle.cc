// Runs a .tflite model on TensorFlow Lite Micro's reference kernels: where the CRCs of tflite-golden.ts come from.
// Build with tensorflow/tflite-micro (commit 90b983c2b), flatbuffers v25.9.23, gemmlowp and ruy on the include path:
//   g++ -std=c++17 -fno-exceptions -DTF_LITE_STATIC_MEMORY=1 -I... tflm-oracle.cc and all of tensorflow/lite/{micro,micro/kernels,kernels,core}
// and run with a model and its inputs' bytes, one behind the other. Prints the CRC-32 of every operator's outputs and the model's outputs.
#include <cstdio>
#include <vector>
#include <fstream>
#include <iterator>
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"
#include "tensorflow/lite/schema/schema_generated.h"

static uint32_t crc(const uint8_t* p, size_t n) {
  uint32_t c = ~0u;
  for (size_t i = 0; i < n; i++) {
    c ^= p[i];
    for (int k = 0; k < 8; k++) c = c & 1 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
  }
  return ~c;
}

static std::vector<char> read(const char* path) {
  std::ifstream s(path, std::ios::binary);
  return std::vector<char>(std::istreambuf_iterator<char>(s), {});
}

alignas(16) static uint8_t arena[8<<20];
int main(int argc, char** argv) {
  auto file = read(argv[1]), values = read(argv[2]);
  const tflite::Model* model = tflite::GetModel(file.data());
  static tflite::MicroMutableOpResolver<96> r;
  r.AddConv2D(); r.AddDepthwiseConv2D(); r.AddFullyConnected(); r.AddMaxPool2D(); r.AddAveragePool2D(); r.AddAdd(); r.AddSub(); r.AddMul();
  r.AddConcatenation(); r.AddPad(); r.AddPadV2(); r.AddMean(); r.AddReduceMax(); r.AddReshape(); r.AddSqueeze(); r.AddExpandDims();
  r.AddTranspose(); r.AddSoftmax(); r.AddLogistic(); r.AddTanh(); r.AddHardSwish(); r.AddLeakyRelu(); r.AddRelu(); r.AddRelu6(); r.AddPrelu(); r.AddMaximum();
  r.AddQuantize(); r.AddDequantize(); r.AddStridedSlice(); r.AddResizeNearestNeighbor(); r.AddSplit();
  r.AddMinimum(); r.AddReduceMin(); r.AddSum(); r.AddResizeBilinear(); r.AddTransposeConv(); r.AddDepthToSpace(); r.AddSpaceToDepth(); r.AddPack();
  r.AddUnpack(); r.AddSplitV(); r.AddSlice(); r.AddElu(); r.AddLogSoftmax(); r.AddShape(); r.AddCast(); r.AddGather(); r.AddMirrorPad(); r.AddReverseV2();
  r.AddAbs(); r.AddRsqrt(); r.AddSquaredDifference(); r.AddAddN(); r.AddBroadcastTo(); r.AddL2Normalization(); r.AddDiv(); r.AddExp(); r.AddSpaceToBatchNd();
  r.AddBatchToSpaceNd(); r.AddNeg(); r.AddFill();
  tflite::MicroInterpreter interpreter(model, r, arena, sizeof arena, nullptr, nullptr, true);
  if (interpreter.AllocateTensors() != kTfLiteOk) return puts("cannot allocate"), 1;
  size_t at = 0;
  for (size_t i = 0; i < interpreter.inputs_size(); i++) {
    auto* t = interpreter.input(i);
    if (at + t->bytes > values.size()) return puts("too few input bytes"), 1;
    memcpy(t->data.raw, values.data() + at, t->bytes);
    at += t->bytes;
  }
  if (interpreter.Invoke() != kTfLiteOk) return puts("cannot run"), 1;
  auto* graph = (*model->subgraphs())[0];
  for (size_t o = 0; o < graph->operators()->size(); o++) {
    for (int index : *(*graph->operators())[o]->outputs()) {
      auto* t = (*graph->tensors())[index];
      size_t bytes = t->type() == tflite::TensorType_FLOAT32 || t->type() == tflite::TensorType_INT32 ? 4 : 1;
      for (int d : *t->shape()) bytes *= d;
      printf("%zu %08x\n", o, crc((uint8_t*)interpreter.GetTensor(index)->data.raw, bytes));
    }
  }
  for (size_t i = 0; i < interpreter.outputs_size(); i++) {
    auto* t = interpreter.output(i);
    printf("out");
    for (size_t k = 0; k < t->bytes; k++) printf(" %d", ((int8_t*)t->data.raw)[k]);
    puts("");
  }
}
