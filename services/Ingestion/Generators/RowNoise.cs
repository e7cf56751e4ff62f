namespace RealTimeMesh.Ingestion.Generators;

/// <summary>Randomness that is a function of its place: the same numbers for the same seed and row, wherever reading begins.</summary>
internal static class RowNoise
{
    /// <summary>64 mixed bits of three numbers (the finaliser of SplitMix64).</summary>
    public static ulong Bits(long seed, long row, int lane)
    {
        var x = (ulong)seed * 0x9E3779B97F4A7C15UL ^ (ulong)row * 0xD1B54A32D192ED03UL ^ (ulong)lane * 0x8CB92BA72F3D8DD7UL;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9UL;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBUL;
        return x ^ (x >> 31);
    }

    /// <summary>Even between 0 and 1.</summary>
    public static double Unit(long seed, long row, int lane) => (Bits(seed, row, lane) >> 11) * (1.0 / (1UL << 53));

    /// <summary>Even from 0 to <paramref name="count"/> - 1.</summary>
    public static int Below(int count, long seed, long row, int lane) => (int)(Bits(seed, row, lane) % (ulong)count);

    /// <summary>
    /// A walk over <paramref name="at"/>: octaves of noise, each twice as slow and the square root of two as strong as the
    /// one before, which is how a random walk spreads. Any point of it costs the same.
    /// </summary>
    public static double Walk(long seed, int lane, double at, int octaves)
    {
        double sum = 0, strength = 1;
        for (var octave = 0; octave < octaves; octave++)
        {
            var cell = Math.Floor(at);
            var t = at - cell;
            t = t * t * (3 - 2 * t);
            var from = Unit(seed, (long)cell, lane * 64 + octave) * 2 - 1;
            var to = Unit(seed, (long)cell + 1, lane * 64 + octave) * 2 - 1;
            sum += strength * (from + (to - from) * t);
            strength *= Math.Sqrt(2);
            at /= 2;
        }

        return sum;
    }
}
