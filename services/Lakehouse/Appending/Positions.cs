using System.Text;

namespace RealTimeMesh.Lakehouse.Appending;

/// <summary>
/// What of a topic a table has already: for each partition the last offset and, for each source with an order of its own, the
/// highest sequence. Filled from the table's <c>txn</c> versions, advanced while a group is made, written back with its commit.
/// Not thread-safe.
/// </summary>
internal sealed class Positions(string topic)
{
    private readonly Dictionary<int, Partition> _partitions = [];
    private readonly Dictionary<string, long> _advanced = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, long> _committed = new Dictionary<string, long>();
    private Partition? _last;

    /// <summary>Positions that changed since the last <see cref="Reset"/>.</summary>
    public IReadOnlyCollection<KeyValuePair<string, long>> Advanced
    {
        get
        {
            foreach (var partition in _partitions.Values)
                partition.Collect(_advanced);
            return _advanced;
        }
    }

    /// <summary>Forgets what was not committed and starts from what is.</summary>
    public void Reset(IReadOnlyDictionary<string, long> committed)
    {
        _committed = committed;
        _advanced.Clear();
        _partitions.Clear();
        _last = null;
    }

    /// <summary>Takes note of an event. False where it was applied before, at this offset or, published again, under the same sequence.</summary>
    public bool Admit(int partition, long offset, ReadOnlySpan<byte> source, long sequence)
    {
        if (_last?.Number != partition && !_partitions.TryGetValue(partition, out _last))
            _partitions[partition] = _last = new Partition(topic, partition, _committed);
        return _last!.Admit(offset, source, sequence);
    }

    private sealed class Partition
    {
        private readonly string _appId;
        private readonly IReadOnlyDictionary<string, long> _committed;
        private readonly List<Source> _sources = [];
        private readonly long _start;
        private long _offset;
        private Source? _last;

        public Partition(string topic, int number, IReadOnlyDictionary<string, long> committed)
        {
            Number = number;
            _appId = $"lakehouse/{topic}/{number}";
            _committed = committed;
            _start = _offset = committed.TryGetValue(_appId, out var offset) ? offset : -1;
        }

        public int Number { get; }

        public bool Admit(long offset, ReadOnlySpan<byte> source, long sequence)
        {
            // A broker without offsets gives -1: then only sequences tell.
            if (offset >= 0)
            {
                if (offset <= _offset)
                    return false;
                _offset = offset;
            }

            return sequence < 0 || SourceOf(source).Admit(sequence);
        }

        public void Collect(Dictionary<string, long> output)
        {
            if (_offset > _start)
                output[_appId] = _offset;
            foreach (var source in _sources)
                source.Collect(output);
        }

        /// <summary>Neighbouring events are mostly of one source, and a partition has few.</summary>
        private Source SourceOf(ReadOnlySpan<byte> name)
        {
            if (_last is not null && name.SequenceEqual(_last.Name))
                return _last;
            foreach (var source in _sources)
            {
                if (name.SequenceEqual(source.Name))
                    return _last = source;
            }

            _last = new Source($"{_appId}/{Encoding.UTF8.GetString(name)}", name.ToArray(), _committed);
            _sources.Add(_last);
            return _last;
        }
    }

    private sealed class Source(string appId, byte[] name, IReadOnlyDictionary<string, long> committed)
    {
        private readonly long _start = committed.TryGetValue(appId, out var sequence) ? sequence : -1;
        private long _sequence = committed.TryGetValue(appId, out var sequence) ? sequence : -1;

        public byte[] Name => name;

        public bool Admit(long sequence)
        {
            if (sequence <= _sequence)
                return false;
            _sequence = sequence;
            return true;
        }

        public void Collect(Dictionary<string, long> output)
        {
            if (_sequence > _start)
                output[appId] = _sequence;
        }
    }
}
