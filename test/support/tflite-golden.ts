/**
 * CRC-32 of every output that TensorFlow Lite Micro itself (its reference kernels on a PC, by tflm-oracle.cc)
 * gives for tflite-models.ts.
 */
export const golden: Record<string, string[]> = {
  'MobileNet: depthwise and pointwise convolutions, residual additions, global pooling': [
    '53d8d2f0',
    '52453245',
  ],
  'ResNet: explicit padding, strided shortcuts, fused activations of additions': ['af8b54d8'],
  'dense autoencoder': ['f611c2e4'],
  'keyword spotting: one channel, tall windows, depth multiplier': ['b51cd39b', 'f63859b0'],
  'one-dimensional: 1xN convolutions with dilation, expanded and squeezed': ['c1d00196', '9914ffdb'],
  'a leading transpose, channels first to last': ['fbe7b70a'],
  'two inputs, two outputs, joined along channels and cut apart': ['e10c00d6', 'cb0c29b1'],
  'PADV2, broadcast arithmetic, PRELU': [
    '363d25af',
    '74776628',
    'dad9fedb',
    '010bea7d',
    '652f2f8a',
    '74e21859',
    '84b59df3',
    '35fe5899',
    'c896dd79',
  ],
  'MAXIMUM of images, vectors and single values': ['4f409c7d', 'c40d6f49', 'efd00102'],
  LOGISTIC: ['66f8d0f3', '36f23669', 'be8b2e96', 'bd32cb51', 'c1356b74'],
  TANH: ['2f5063f5', 'ec214310', 'b9680a29', '300ab1b0', '42bd4c69'],
  HARD_SWISH: ['8f0b4f4b', '36f8212b', '9c6a31e4', '061faaa0', 'c954d2a6'],
  LEAKY_RELU: ['4cb09af8', '007cda0a', '3f280c5c', 'beb72d4c', '0f44a417'],
  RELU: ['f30166b0', '9241e038', '8141ad06', '759bb224', '10f78a54'],
  RELU6: ['d281bb11', '48684bea', '4f21c61b', '3080d380', 'ddf9d849'],
  QUANTIZE: ['04db4ad2', '7efedbff', 'd0528375', '01cad3ce', '1553c600'],
  'SOFTMAX of many widths and betas': ['8325eacb', 'c9d1e890', '8043eb09', '25988aeb'],
  'pooling: overlapping, padded, with activations': [
    'c8d3d19f',
    'b59c2a0c',
    '7d45ef27',
    '689c69a5',
    '4dc332fc',
    'dcbd985d',
    'ea6536a5',
    '5b3fade9',
  ],
  'MEAN and REDUCE_MAX over height and width, dimensions kept or not': [
    '7d4d4071',
    '1f4b4a2c',
    '10636ba6',
    '38f3112d',
  ],
  'float edges: QUANTIZE in front, DEQUANTIZE behind': ['b03731fd'],
  'transposes of every kind': ['35fe45ec', '6bb7ce60', 'be3bc6a5', 'e4d0cb1f', '3478eee7'],
};
