mod decoding;
mod media;
