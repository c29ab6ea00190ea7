// libjpeg behind functions that return. libjpeg reports an error by calling a function that must not return,
// which leaves longjmp, and Swift cannot be jumped over. This header names no type of libjpeg's or of the C
// library's, so that it compiles where neither's headers are installed.
#ifndef OCELLUS_CJPEG_H
#define OCELLUS_CJPEG_H

typedef __SIZE_TYPE__ ocellus_jpeg_size;

/// A decoder of one picture at a time.
typedef struct ocellus_jpeg ocellus_jpeg;

/// What a call came to.
enum ocellus_jpeg_result {
  OCELLUS_JPEG_DONE = 0,
  /// The bytes are not a JPEG, or one whose damage leaves nothing to decode.
  OCELLUS_JPEG_MALFORMED = 1,
  /// A JPEG of a kind that is not decoded: 12 bits a sample, lossless, hierarchical, 2 components.
  OCELLUS_JPEG_UNSUPPORTED = 2,
  /// The system refused memory.
  OCELLUS_JPEG_NO_MEMORY = 3,
  /// A progressive picture that goes over its coefficients more often than any encoder would.
  OCELLUS_JPEG_TOO_MANY_SCANS = 4,
};

/// What the pixels are to be.
enum ocellus_jpeg_colors {
  OCELLUS_JPEG_GRAY = 1,
  OCELLUS_JPEG_RGB = 3,
  /// Only for pictures of 4 components: cyan, magenta, yellow and black as stored, which is inverted.
  OCELLUS_JPEG_CMYK = 4,
};

struct ocellus_jpeg_header {
  int width;
  int height;
  /// 1, 3 or 4.
  int components;
  /// Nonzero when several scans make the picture, so that all its coefficients are held in memory.
  int is_progressive;
};

/// What the picture's bytes led to so far.
struct ocellus_jpeg_status {
  /// An `ocellus_jpeg_result`.
  int result;
  /// Bytes of the picture read.
  ocellus_jpeg_size offset;
  /// Damage that was decoded over.
  long warnings;
  /// Nonzero when data ended before the picture did; what is missing is filled with the decoder's guess.
  int is_truncated;
  /// Nonzero when data could not be what an encoder wrote, so that the picture is wrong from there on.
  int is_corrupt;
  /// libjpeg's words for the error, or else for the first warning; empty when there was neither.
  const char *message;
};

/// NULL when there is no memory.
ocellus_jpeg *ocellus_jpeg_create(void);
void ocellus_jpeg_destroy(ocellus_jpeg *jpeg);

/// Begins a picture, forgetting any earlier one. The bytes must stay where they are until it ends.
int ocellus_jpeg_open(
    ocellus_jpeg *jpeg, const unsigned char *bytes, ocellus_jpeg_size count, struct ocellus_jpeg_header *header);

/// Begins the pixels, at `eighths` (1, 2, 4 or 8) eighths of the size, rounded up. This is where a
/// progressive picture's data is read.
int ocellus_jpeg_start(
    ocellus_jpeg *jpeg, int eighths, enum ocellus_jpeg_colors colors, int *width, int *height);

/// Narrows the rows, none of which has been read, to `count` columns from `first` on and some beside them, which come out
/// as if all had been decoded. `first` and `count` become those that rows have then.
int ocellus_jpeg_crop(ocellus_jpeg *jpeg, int *first, int *count);

/// Decodes the next row.
int ocellus_jpeg_read_row(ocellus_jpeg *jpeg, unsigned char *pixels);

/// Passes over rows, which costs less than decoding them; the rows after them come out as if none had been.
int ocellus_jpeg_skip_rows(ocellus_jpeg *jpeg, int count);

/// Ends a picture whose rows are all read, looking at the bytes that are left; their damage counts as
/// warnings.
void ocellus_jpeg_finish(ocellus_jpeg *jpeg);

/// Ends the picture wherever it is. The status stays.
void ocellus_jpeg_close(ocellus_jpeg *jpeg);

void ocellus_jpeg_get_status(const ocellus_jpeg *jpeg, struct ocellus_jpeg_status *status);

/// Encodes rows of 1 (gray) or 3 (red, green, blue) bytes a pixel that follow one another.
///
/// Gives the picture's bytes, to be given to `ocellus_jpeg_free`; NULL when there is no memory or no such picture.
unsigned char *ocellus_jpeg_encode(
    const unsigned char *pixels, int width, int height, int channels, int quality, ocellus_jpeg_size *count);
void ocellus_jpeg_free(unsigned char *bytes);

#endif
