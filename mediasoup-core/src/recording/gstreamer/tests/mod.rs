mod decoding;
mod drawing;
mod files;
mod media;
