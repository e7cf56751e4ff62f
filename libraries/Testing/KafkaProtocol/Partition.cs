namespace RealTimeMesh.Testing.KafkaProtocol;

/// <summary>The batches of one partition. Its topic's lock guards it.</summary>
internal sealed class Partition
{
    /// <summary>As many of a producer's batches as a broker remembers.</summary>
    private const int Remembered = 5;

    private readonly List<RecordBatch> _batches = [];
    private readonly Dictionary<long, (short Epoch, List<RecordBatch> Last)> _producers = [];

    public long Low { get; private set; }

    public long High { get; private set; }

    /// <summary>The offset of the first record; a producer's repeated batch is not stored again.</summary>
    public (long Offset, ErrorCode Error) Append(IReadOnlyList<RecordBatch> batches)
    {
        var offset = -1L;
        foreach (var batch in batches)
        {
            var (repeated, error) = Check(batch);
            if (error != ErrorCode.None)
                return (-1, error);
            if (repeated is not null)
            {
                offset = offset < 0 ? repeated.BaseOffset : offset;
                continue;
            }

            batch.Place(High);
            offset = offset < 0 ? High : offset;
            High = batch.LastOffset + 1;
            _batches.Add(batch);
        }

        return (offset, ErrorCode.None);
    }

    /// <summary>Whole batches from the one on that holds an offset: one at least, and no more than fit.</summary>
    public ReadOnlyMemory<byte> Read(long from, int bytes)
    {
        using var found = new MemoryStream();
        for (var i = IndexOf(from); i < _batches.Count; i++)
        {
            var batch = _batches[i].Bytes;
            if (found.Length > 0 && found.Length + batch.Length > bytes)
                break;
            found.Write(batch.Span);
        }

        return found.ToArray();
    }

    /// <summary>The first record that is not older than a time; null where all are.</summary>
    public (long Offset, long Timestamp)? Find(long timestamp) =>
        _batches.Where(batch => batch.MaxTimestamp >= timestamp).Select(batch => batch.Find(timestamp)).FirstOrDefault(found => found?.Offset >= Low);

    /// <summary>Forgets the records below an offset; -1 means all.</summary>
    public bool DeleteBelow(long offset)
    {
        offset = offset == -1 ? High : offset;
        if (offset < 0 || offset > High)
            return false;
        Low = Math.Max(Low, offset);
        _batches.RemoveAll(batch => batch.LastOffset < Low);
        return true;
    }

    private int IndexOf(long offset)
    {
        var (low, high) = (0, _batches.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_batches[middle].LastOffset < offset)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>Numbers of idempotent producers' batches must follow each other.</summary>
    private (RecordBatch? Repeated, ErrorCode Error) Check(RecordBatch batch)
    {
        if (batch.ProducerId < 0)
            return (null, ErrorCode.None);
        if (!_producers.TryGetValue(batch.ProducerId, out var known) || batch.ProducerEpoch > known.Epoch)
            _producers[batch.ProducerId] = known = (batch.ProducerEpoch, []);
        if (batch.ProducerEpoch < known.Epoch)
            return (null, ErrorCode.InvalidProducerEpoch);
        if (known.Last.Find(old => old.FirstSequence == batch.FirstSequence && old.Count == batch.Count) is { } repeated)
            return (repeated, ErrorCode.None);
        // After its greatest value the number begins again at 0.
        if (known.Last.Count > 0 && batch.FirstSequence != (int)(((long)known.Last[^1].FirstSequence + known.Last[^1].Count) & int.MaxValue))
            return (null, ErrorCode.OutOfOrderSequenceNumber);
        known.Last.Add(batch);
        if (known.Last.Count > Remembered)
            known.Last.RemoveAt(0);
        return (null, ErrorCode.None);
    }
}
