/* The kernels of exact-v1, fused; twin.py says what each one gives, and the tests hold both to the same bits.
 *
 * Only + - * / sqrtf rintf, comparisons and whole numbers, each rounded by itself. To be compiled without contraction
 * into fused multiply-adds and without fast-math: the start-up test refuses a build that was. Any vector width, any
 * optimisation level gives the same bits, as nothing is summed in floating point: sums are of whole numbers.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(PLAIN)
/* one copy for each kind of processor, chosen when the library is loaded */
#define KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KERNEL
#endif

enum { FLOOR = -100, SLICED = 14, SUM = 26 };

static inline uint32_t bits_of(float x) {
    uint32_t b;
    memcpy(&b, &x, 4);
    return b & 0x7fffffffu;
}

static inline float power_of_two(int k) {
    uint32_t b = (uint32_t)(k + 127) << 23;
    float x;
    memcpy(&x, &b, 4);
    return x;
}

static inline int exponent_of(uint32_t largest) {
    int e = (int)(largest >> 23) - 126;
    return e < FLOOR ? FLOOR : e;
}

static inline int row_exponent(const float *x, long n) {
    uint32_t largest = 0;
    for (long j = 0; j < n; j++) {
        uint32_t b = bits_of(x[j]);
        largest = b > largest ? b : largest;
    }
    return exponent_of(largest);
}

static inline float row_sum(const float *x, long n) {
    int e = row_exponent(x, n);
    float to_grid = power_of_two(SUM - e);
    int64_t total = 0;
    for (long j = 0; j < n; j++) total += (int32_t)rintf(x[j] * to_grid);
    return ((float)(double)total + 0.0f) * power_of_two(e - SUM);
}

static inline float exponential(float x) {
    float c = x < -87.0f ? -87.0f : x;
    c = c > 88.0f ? 88.0f : c;
    float n = rintf(c * 0x1.715476p+0f);
    float r = c - n * 0x1.63p-1f;
    r = r - n * -0x1.bd0106p-13f;
    float p = 0x1.a0d2cep-13f;
    p = p * r + 0x1.6e879cp-10f;
    p = p * r + 0x1.11121p-7f;
    p = p * r + 0x1.555382p-5f;
    p = p * r + 0x1.555554p-3f;
    p = p * r + 0x1p-1f;
    p = (p * (r * r) + r) + 1.0f;
    p = p * power_of_two((int)n);
    return x < -87.0f ? 0.0f : p;
}

/* x (rows, columns), times scale (columns,) if given, on 15-bit grids, as 129 * high + low; e (rows,) */
KERNEL void slice_rows(const float *x, const float *scale, int8_t *high, int8_t *low, int32_t *e, float *buffer,
                       long rows, long columns) {
    for (long r = 0; r < rows; r++) {
        const float *p = x + r * columns;
        if (scale) {
            for (long j = 0; j < columns; j++) buffer[j] = p[j] * scale[j];
            p = buffer;
        }
        e[r] = row_exponent(p, columns);
        float to_grid = power_of_two(SLICED - e[r]);
        int8_t *h = high + r * columns, *l = low + r * columns;
        for (long j = 0; j < columns; j++) {
            float q = rintf(p[j] * to_grid);
            float a = rintf(q * (1.0f / 129.0f)); /* q / 129 is nowhere near a half, so this is its rounding */
            h[j] = (int8_t)(int32_t)a;
            l[j] = (int8_t)(int32_t)(q - a * 129.0f);
        }
    }
}

/* out (rows, columns) = round32(129 high + low) * 2**(e - 14), times scale (columns,) if given */
KERNEL void join_slices(const int32_t *high, const int32_t *low, const int32_t *e, const float *scale, float *out,
                        long rows, long columns) {
    for (long r = 0; r < rows; r++) {
        float grid = power_of_two(e[r] - SLICED);
        const int32_t *h = high + r * columns, *l = low + r * columns;
        float *o = out + r * columns;
        if (scale)
            for (long j = 0; j < columns; j++)
                o[j] = ((float)((double)h[j] * 129.0 + (double)l[j]) * grid) * scale[j];
        else
            for (long j = 0; j < columns; j++) o[j] = (float)((double)h[j] * 129.0 + (double)l[j]) * grid;
    }
}

/* x (rows, columns) on grids, as doubles; with fold (groups, columns), x * 2**fold is; e (rows,) */
KERNEL void grid_rows(const float *x, const int32_t *fold, double *q, int32_t *e, float *buffer, long rows,
                      long columns, long rows_a_group, int bits) {
    for (long r = 0; r < rows; r++) {
        const float *p = x + r * columns;
        if (fold) {
            const int32_t *f = fold + (r / rows_a_group) * columns;
            for (long j = 0; j < columns; j++) buffer[j] = p[j] * power_of_two(f[j]);
            p = buffer;
        }
        e[r] = row_exponent(p, columns);
        float to_grid = power_of_two(bits - e[r]);
        double *o = q + r * columns;
        for (long j = 0; j < columns; j++) o[j] = (double)rintf(p[j] * to_grid);
    }
}

/* columns of x (groups, rows, columns) * 2**fold, fold (groups, rows), on grids; e (groups, columns) */
KERNEL void grid_columns(const float *x, const int32_t *fold, double *q, int32_t *e, float *to_grid, long groups,
                         long rows, long columns, int bits) {
    for (long g = 0; g < groups; g++) {
        const float *p = x + g * rows * columns;
        const int32_t *f = fold + g * rows;
        int32_t *largest = e + g * columns;
        double *o = q + g * rows * columns;
        memset(largest, 0, 4 * columns);
        for (long r = 0; r < rows; r++) {
            float factor = power_of_two(f[r]);
            for (long j = 0; j < columns; j++) {
                int32_t b = (int32_t)bits_of(p[r * columns + j] * factor);
                largest[j] = b > largest[j] ? b : largest[j];
            }
        }
        for (long j = 0; j < columns; j++) {
            int32_t k = exponent_of((uint32_t)largest[j]);
            largest[j] = k;
            to_grid[j] = power_of_two(bits - k);
        }
        for (long r = 0; r < rows; r++) {
            float factor = power_of_two(f[r]);
            for (long j = 0; j < columns; j++)
                o[r * columns + j] = (double)rintf((p[r * columns + j] * factor) * to_grid[j]);
        }
    }
}

/* out (groups, m, n) = round32(sums) * 2**(e - bits) * 2**(f - bits); without f, 2**-bits in its place */
KERNEL void from_grid(const double *sums, const int32_t *e, const int32_t *f, float *out, long groups, long m, long n,
                      int bits) {
    float least = power_of_two(-bits);
    for (long r = 0; r < groups * m; r++) {
        float grid = power_of_two(e[r] - bits);
        const double *s = sums + r * n;
        float *o = out + r * n;
        if (f) {
            const int32_t *k = f + (r / m) * n;
            for (long j = 0; j < n; j++) o[j] = (((float)s[j] + 0.0f) * grid) * power_of_two(k[j] - bits);
        } else
            for (long j = 0; j < n; j++) o[j] = (((float)s[j] + 0.0f) * grid) * least;
    }
}

KERNEL void rms_norm(const float *x, const float *weight, float *out, float *normal, float *factor, float *buffer,
                     long rows, long columns, float epsilon, float share) {
    for (long r = 0; r < rows; r++) {
        const float *p = x + r * columns;
        float *o = out + r * columns, *h = normal + r * columns;
        for (long j = 0; j < columns; j++) buffer[j] = p[j] * p[j];
        float k = 1.0f / sqrtf(row_sum(buffer, columns) * share + epsilon);
        factor[r] = k;
        for (long j = 0; j < columns; j++) {
            h[j] = p[j] * k;
            o[j] = h[j] * weight[j];
        }
    }
}

KERNEL void rms_norm_back(const float *d, const float *weight, const float *normal, const float *factor, float *out,
                          float *buffer, long rows, long columns, float share) {
    for (long r = 0; r < rows; r++) {
        const float *p = d + r * columns, *h = normal + r * columns;
        float *o = out + r * columns;
        for (long j = 0; j < columns; j++) buffer[j] = (p[j] * weight[j]) * h[j];
        float mean = row_sum(buffer, columns) * share, k = factor[r];
        for (long j = 0; j < columns; j++) o[j] = (p[j] * weight[j] - h[j] * mean) * k;
    }
}

/* softmax of x * factor; with tokens > 0, row r only sees the first r % tokens + 1 columns */
KERNEL void softmax(const float *x, float *out, long rows, long columns, long tokens, float factor) {
    for (long r = 0; r < rows; r++) {
        long n = tokens ? r % tokens + 1 : columns;
        const float *p = x + r * columns;
        float *o = out + r * columns;
        float most = -INFINITY;
        for (long j = 0; j < n; j++) {
            o[j] = p[j] * factor;
            most = o[j] > most ? o[j] : most;
        }
        most = most + 0.0f;
        for (long j = 0; j < n; j++) o[j] = exponential(o[j] - most);
        float total = row_sum(o, n);
        for (long j = 0; j < n; j++) o[j] = o[j] / total;
        for (long j = n; j < columns; j++) o[j] = 0.0f;
    }
}

KERNEL void softmax_back(const float *d, const float *weights, float *out, float *buffer, long rows, long columns,
                         float factor) {
    for (long r = 0; r < rows; r++) {
        const float *p = d + r * columns, *w = weights + r * columns;
        float *o = out + r * columns;
        for (long j = 0; j < columns; j++) buffer[j] = p[j] * w[j];
        float mean = row_sum(buffer, columns);
        for (long j = 0; j < columns; j++) o[j] = ((p[j] - mean) * w[j]) * factor;
    }
}

KERNEL void gate(const float *g, const float *u, float *out, float *sigmoid, long n) {
    for (long i = 0; i < n; i++) {
        float s = 1.0f / (exponential(0.0f - g[i]) + 1.0f);
        sigmoid[i] = s;
        out[i] = (g[i] * s) * u[i];
    }
}

KERNEL void gate_back(const float *g, const float *u, const float *sigmoid, const float *d, float *by_g, float *by_u,
                      long n) {
    for (long i = 0; i < n; i++) {
        float s = sigmoid[i];
        by_u[i] = d[i] * (g[i] * s);
        by_g[i] = (d[i] * u[i]) * (s * (g[i] * (1.0f - s) + 1.0f));
    }
}

/* x (groups, tokens, size), tables (tokens, size / 2) */
KERNEL void rotate(const float *x, const float *cosine, const float *sine, float *out, long groups, long tokens,
                   long size) {
    long half = size / 2;
    for (long r = 0; r < groups * tokens; r++) {
        const float *c = cosine + (r % tokens) * half, *s = sine + (r % tokens) * half;
        const float *a = x + r * size, *b = a + half;
        float *o = out + r * size;
        for (long j = 0; j < half; j++) {
            o[j] = a[j] * c[j] - b[j] * s[j];
            o[half + j] = b[j] * c[j] + a[j] * s[j];
        }
    }
}

KERNEL void square_sums(const float *x, float *out, float *buffer, long rows, long columns) {
    for (long r = 0; r < rows; r++) {
        const float *p = x + r * columns;
        for (long j = 0; j < columns; j++) buffer[j] = p[j] * p[j];
        out[r] = row_sum(buffer, columns);
    }
}

/* p, g, m, v (jobs, values), clip (jobs,); new_p, new_m, new_v are written */
KERNEL void adam(const float *p, const float *g, const float *m, const float *v, const float *clip, float *new_p,
                 float *new_m, float *new_v, long jobs, long values, const float *rates) {
    float rate = rates[0], mean_kept = rates[1], mean_taken = rates[2], square_kept = rates[3];
    float square_taken = rates[4], mean_unbiased = rates[5], square_unbiased = rates[6], epsilon = rates[7];
    for (long job = 0; job < jobs; job++)
        for (long i = job * values; i < (job + 1) * values; i++) {
            float x = g[i] * clip[job];
            float mean = m[i] * mean_kept + x * mean_taken;
            float square = v[i] * square_kept + (x * x) * square_taken;
            float root = sqrtf(square * square_unbiased);
            float way = (mean * mean_unbiased) * rate;
            new_m[i] = mean;
            new_v[i] = square;
            new_p[i] = p[i] - way / (root + epsilon);
        }
}
