using System.Text.Json;
using RealTimeMesh.Ingestion.Streams;

namespace RealTimeMesh.Ingestion.Grpc;

/// <summary>
/// The named senders with an open call. One call at a time has a name: a later one ends the earlier one and begins once
/// all that this has published is stored and counted.
/// </summary>
internal sealed class Senders(IRecordStore store, IngestionOptions options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Sender> _open = new(StringComparer.Ordinal);

    /// <summary>Throws <see cref="TimeoutException"/> where the earlier call of the name does not end in time.</summary>
    public async Task<Sender> OpenAsync(StreamRuntime stream, string source, CancellationToken cancellationToken)
    {
        var key = $"ingestion/grpc/{stream.Spec.Topic}/{source}";
        var sender = new Sender(key, Close);
        while (true)
        {
            Sender? earlier;
            lock (_lock)
            {
                if (!_open.TryGetValue(key, out earlier))
                {
                    _open[key] = sender;
                    break;
                }
            }

            await earlier.EndAsync().WaitAsync(options.LedgerTimeout, time, cancellationToken);
        }

        try
        {
            var json = await store.ReadAsync(key, cancellationToken);
            sender.LastSequence = json.IsEmpty ? -1 : JsonSerializer.Deserialize(json.Span, RecordJson.Default.SenderRecord)?.LastSequence ?? -1;
            return sender;
        }
        catch
        {
            sender.Dispose();
            throw;
        }
    }

    private void Close(Sender sender)
    {
        lock (_lock)
            _open.Remove(sender.Key);
    }
}
