//! From stored pixels to the tensor that the network sees: crops, light,
//! normalization, mixup and soft targets. Independent of burn and of browsers.
