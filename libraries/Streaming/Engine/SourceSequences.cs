using System.Text;

namespace RealTimeMesh.Streaming;

/// <summary>
/// The highest applied sequence of each source with an order of its own. A source that resumes after a crash may
/// publish events again, in the same order: whatever is not beyond the mark has had its effect.
/// </summary>
internal sealed class SourceSequences
{
    private readonly Dictionary<string, Mark> _marks = new(StringComparer.Ordinal);
    private Mark? _last;
    private byte[] _lastName = [];

    public sealed class Mark(string name)
    {
        public string Name { get; } = name;

        public long Sequence { get; set; } = -1;

        /// <summary>Offset of the source's last event; tells which source has been silent longest.</summary>
        public long Offset { get; set; }
    }

    public IReadOnlyCollection<Mark> All => _marks.Values;

    public void Restore(string name, long sequence, long offset) => _marks[name] = new Mark(name) { Sequence = sequence, Offset = offset };

    /// <summary>Moves the mark to a sequence. False where the source has passed it already.</summary>
    public bool TryAdvance(ReadOnlySpan<byte> source, long sequence, long offset, int limit)
    {
        // Events of one source come in runs; its name is looked up once for each run.
        if (_last is null || !source.SequenceEqual(_lastName))
        {
            _last = Find(Encoding.UTF8.GetString(source), limit);
            _lastName = source.ToArray();
        }

        _last.Offset = offset;
        if (sequence <= _last.Sequence)
            return false;
        _last.Sequence = sequence;
        return true;
    }

    private Mark Find(string name, int limit)
    {
        if (_marks.TryGetValue(name, out var mark))
            return mark;
        if (_marks.Count >= limit)
            _marks.Remove(_marks.Values.MinBy(other => other.Offset)!.Name);
        _marks.Add(name, mark = new Mark(name));
        return mark;
    }
}
