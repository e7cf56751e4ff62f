namespace RealTimeMesh.Streaming;

/// <summary>
/// Quantiles of numbers: exact with linear interpolation up to 128 values, beyond that a merging t-digest (Dunning)
/// of compression 100, whose rank error is below 1 % in the middle and far smaller at the tails. Values wait in a
/// buffer that is saved as it is, so saving at other moments does not change the result.
/// </summary>
internal sealed class QuantileSketch
{
    private const int BufferLimit = 128;
    private const double Compression = 100;

    private double[] _buffer = new double[4];
    private int _buffered;
    private Centroid[] _centroids = [];
    private double _min = double.PositiveInfinity;
    private double _max = double.NegativeInfinity;

    private readonly record struct Centroid(double Mean, double Weight);

    public void Add(double value)
    {
        if (_buffered == BufferLimit)
            Compress();
        if (_buffered == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        _buffer[_buffered++] = value;
    }

    public void Merge(QuantileSketch other)
    {
        for (var i = 0; i < other._buffered; i++)
            Add(other._buffer[i]);
        if (other._centroids.Length == 0)
            return;
        _min = Math.Min(_min, other._min);
        _max = Math.Max(_max, other._max);
        Compress(other._centroids);
    }

    public double Quantile(double q)
    {
        if (_centroids.Length == 0)
            return Exact(q);
        var whole = Copy();
        whole.Compress();
        return whole.Estimate(q);
    }

    public QuantileSketch Copy() => new()
    {
        _buffer = [.. _buffer],
        _buffered = _buffered,
        // Centroid arrays are replaced, never written to.
        _centroids = _centroids,
        _min = _min,
        _max = _max,
    };

    public void Save(BlobWriter blob)
    {
        blob.Unsigned((ulong)_buffered);
        for (var i = 0; i < _buffered; i++)
            blob.Number(_buffer[i]);
        blob.Unsigned((ulong)_centroids.Length);
        if (_centroids.Length == 0)
            return;
        blob.Number(_min);
        blob.Number(_max);
        foreach (var centroid in _centroids)
        {
            blob.Number(centroid.Mean);
            blob.Number(centroid.Weight);
        }
    }

    public static QuantileSketch Load(ref BlobReader blob)
    {
        var sketch = new QuantileSketch { _buffered = blob.Count() };
        sketch._buffer = new double[Math.Max(4, sketch._buffered)];
        for (var i = 0; i < sketch._buffered; i++)
            sketch._buffer[i] = blob.Number();
        var centroids = blob.Count();
        if (centroids == 0)
            return sketch;
        sketch._min = blob.Number();
        sketch._max = blob.Number();
        sketch._centroids = new Centroid[centroids];
        for (var i = 0; i < centroids; i++)
            sketch._centroids[i] = new Centroid(blob.Number(), blob.Number());
        return sketch;
    }

    private double Exact(double q)
    {
        Span<double> sorted = stackalloc double[BufferLimit];
        sorted = sorted[.._buffered];
        _buffer.AsSpan(0, _buffered).CopyTo(sorted);
        sorted.Sort();
        var rank = q * (_buffered - 1);
        var below = (int)rank;
        var fraction = rank - below;
        return fraction == 0 ? sorted[below] : sorted[below] + (sorted[below + 1] - sorted[below]) * fraction;
    }

    private void Compress(ReadOnlySpan<Centroid> others = default)
    {
        var all = new Centroid[_centroids.Length + _buffered + others.Length];
        _centroids.CopyTo(all, 0);
        others.CopyTo(all.AsSpan(_centroids.Length));
        double total = 0;
        for (var i = 0; i < _buffered; i++)
        {
            var value = _buffer[i];
            _min = Math.Min(_min, value);
            _max = Math.Max(_max, value);
            all[_centroids.Length + others.Length + i] = new Centroid(value, 1);
        }

        _buffered = 0;
        all.AsSpan().Sort(static (left, right) => left.Mean.CompareTo(right.Mean));
        foreach (var centroid in all)
            total += centroid.Weight;

        List<Centroid> merged = new((int)Compression * 2);
        var current = all[0];
        double before = 0;
        var limit = total * NextQuantile(0);
        for (var i = 1; i < all.Length; i++)
        {
            var next = all[i];
            if (before + current.Weight + next.Weight <= limit)
            {
                var weight = current.Weight + next.Weight;
                // Equal means must stay equal: an infinity would become NaN.
                var mean = current.Mean == next.Mean ? current.Mean : current.Mean + (next.Mean - current.Mean) * next.Weight / weight;
                current = new Centroid(mean, weight);
                continue;
            }

            merged.Add(current);
            before += current.Weight;
            limit = total * NextQuantile(before / total);
            current = next;
        }

        merged.Add(current);
        _centroids = [.. merged];
    }

    /// <summary>Where the centroid that starts at quantile q must end: one step of the scale function k1.</summary>
    private static double NextQuantile(double q)
    {
        var k = Compression / (2 * Math.PI) * Math.Asin(2 * Math.Min(q, 1) - 1) + 1;
        return k >= Compression / 4 ? 1 : (Math.Sin(k * 2 * Math.PI / Compression) + 1) / 2;
    }

    private double Estimate(double q)
    {
        double total = 0;
        foreach (var centroid in _centroids)
            total += centroid.Weight;
        var rank = q * total;
        double before = 0, previousRank = 0, previousMean = _min;
        foreach (var centroid in _centroids)
        {
            var middle = before + centroid.Weight / 2;
            if (rank < middle)
                return Between(previousRank, previousMean, middle, centroid.Mean, rank);
            before += centroid.Weight;
            previousRank = middle;
            previousMean = centroid.Mean;
        }

        return Between(previousRank, previousMean, total, _max, rank);
    }

    private static double Between(double fromRank, double from, double toRank, double to, double rank) =>
        from == to || toRank <= fromRank ? from : from + (to - from) * (rank - fromRank) / (toRank - fromRank);
}
