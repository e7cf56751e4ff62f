using System.Buffers;
using System.Text;

namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>
/// A <c>BulkPublishRequest</c> as it came over the wire, with the places of its entries. Owns a pooled buffer.
/// </summary>
internal sealed class BulkPublishFrame : IDisposable
{
    private byte[] _buffer;
    private readonly List<FieldSlice> _entries = [];
    private string _contentType = "";
    private FieldSlice _contentTypePlace;

    private BulkPublishFrame(byte[] buffer) => _buffer = buffer;

    public string PubSub { get; private set; } = "";

    public string Topic { get; private set; } = "";

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    public IReadOnlyList<FieldSlice> Entries => _entries;

    /// <summary>Bytes on the wire.</summary>
    public int Length { get; private init; }

    public ReadOnlySpan<byte> Buffer => _buffer;

    public static BulkPublishFrame Read(ReadOnlySequence<byte> payload)
    {
        var length = checked((int)payload.Length);
        var frame = new BulkPublishFrame(ArrayPool<byte>.Shared.Rent(Math.Max(1, length))) { Length = length };
        payload.CopyTo(frame._buffer);
        frame.Index(length);
        return frame;
    }

    /// <summary>Bytes that are the frame's: they end with it.</summary>
    public ReadOnlyMemory<byte> Memory(FieldSlice slice) => _buffer.AsMemory(slice.Offset, slice.Length);

    /// <summary>The content type of an entry. Neighbours mostly share it: its text is made once.</summary>
    public string ContentType(in BulkEntry entry)
    {
        if (!entry.ContentType.In(_buffer).SequenceEqual(_contentTypePlace.In(_buffer)))
            (_contentType, _contentTypePlace) = (Text(entry.ContentType), entry.ContentType);
        return _contentType;
    }

    public string Text(FieldSlice slice) => Encoding.UTF8.GetString(slice.In(_buffer));

    /// <summary>The fields of one entry.</summary>
    public BulkEntry Entry(int index)
    {
        var entry = new BulkEntry();
        var reader = new ProtoReader(_buffer, _entries[index]);
        while (reader.Next(out var number, out var value))
        {
            switch (number)
            {
                case 1:
                    entry.Id = value;
                    break;
                case 2:
                    entry.Event = value;
                    break;
                case 3:
                    entry.ContentType = value;
                    break;
            }
        }

        return entry;
    }

    /// <summary>Name and value of a map entry.</summary>
    public (FieldSlice Name, FieldSlice Value) Pair(FieldSlice pair)
    {
        FieldSlice name = default, text = default;
        var reader = new ProtoReader(_buffer, pair);
        while (reader.Next(out var number, out var value))
        {
            if (number == 1)
                name = value;
            else if (number == 2)
                text = value;
        }

        return (name, text);
    }

    /// <summary>
    /// The metadata of one entry as a dictionary, laid over the request's: for events that need an envelope. An entry that
    /// has none of its own gets <see cref="Metadata"/> itself.
    /// </summary>
    public Dictionary<string, string> MergedMetadata(int index)
    {
        var merged = Metadata;
        var reader = new ProtoReader(_buffer, _entries[index]);
        while (reader.Next(out var number, out var value))
        {
            if (number != 4)
                continue;
            if (ReferenceEquals(merged, Metadata))
                merged = new Dictionary<string, string>(Metadata, StringComparer.Ordinal);
            var (name, text) = Pair(value);
            merged[Text(name)] = Text(text);
        }

        return merged;
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void Index(int length)
    {
        var reader = new ProtoReader(_buffer, new FieldSlice(0, length));
        while (reader.Next(out var number, out var value))
        {
            switch (number)
            {
                case 1:
                    PubSub = Text(value);
                    break;
                case 2:
                    Topic = Text(value);
                    break;
                case 3:
                    _entries.Add(value);
                    break;
                case 4:
                    var (name, text) = Pair(value);
                    Metadata[Text(name)] = Text(text);
                    break;
            }
        }
    }
}

/// <summary>Places of an entry's fields.</summary>
internal struct BulkEntry
{
    public FieldSlice Id;
    public FieldSlice Event;
    public FieldSlice ContentType;
}
