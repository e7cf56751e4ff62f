using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Http;

namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>
/// The events of a bulk request, wrapped one behind the other in pooled buffers. Dispose gives them back: not before the
/// broker has acknowledged all, for until then it may read them.
/// </summary>
internal sealed class EnvelopeBatch(int count) : IDisposable
{
    /// <summary>Above it the next event begins a buffer of its own: large ones would be copied as they grow.</summary>
    private const int BufferBytes = 256 * 1024;

    private readonly List<PooledBuffer> _buffers = [new((int)Math.Min(BufferBytes, 2L * EventEnvelope.OverheadBytes * count))];
    private readonly List<Place> _places = new(count);
    private int _start;

    /// <summary>Where the next event is written.</summary>
    public PooledBuffer Output => _buffers[^1];

    /// <summary>Ends the event that was written last.</summary>
    public void Add(Dictionary<string, string>? metadata)
    {
        _places.Add(new Place(Output, _start, Output.Length, metadata));
        _start = Output.Length;
        if (_start < BufferBytes || _places.Count == count)
            return;
        _buffers.Add(new PooledBuffer(BufferBytes));
        _start = 0;
    }

    public OutgoingMessage[] Messages()
    {
        var messages = new OutgoingMessage[_places.Count];
        for (var i = 0; i < messages.Length; i++)
        {
            var place = _places[i];
            var value = place.Buffer.WrittenMemory[place.Start..place.End];
            // Entries without metadata of their own share the request's, and so key and headers.
            messages[i] = i > 0 && ReferenceEquals(place.Metadata, _places[i - 1].Metadata)
                ? messages[i - 1] with { Value = value }
                : PublishMetadata.Message(value, place.Metadata);
        }

        return messages;
    }

    public void Dispose() => _buffers.ForEach(buffer => buffer.Dispose());

    private readonly record struct Place(PooledBuffer Buffer, int Start, int End, Dictionary<string, string>? Metadata);
}
