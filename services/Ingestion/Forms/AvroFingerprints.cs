using System.Collections.Concurrent;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Streams;

namespace RealTimeMesh.Ingestion.Forms;

/// <summary>Readers by the fingerprint of the writer's schema: the stream's own contract, and every version of its subject.</summary>
internal sealed class AvroFingerprints
{
    /// <summary>A registry is not asked for all versions again within this time, whatever fingerprints come.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<ulong, ContractReader> _readers = new();
    private readonly StreamSpec _stream;
    private readonly SchemaRegistryClient _registry;
    private readonly TimeProvider _time;
    private long _asked;
    private bool _known;

    public AvroFingerprints(StreamSpec stream, SchemaRegistryClient registry, TimeProvider time)
    {
        _stream = stream;
        _registry = registry;
        _time = time;
        _readers[AvroFingerprint.Of(stream.Contract.Record)] = stream.Contract.Resolve(stream.Contract.Record);
    }

    public bool IsPrepared(ulong fingerprint) =>
        _readers.ContainsKey(fingerprint) || (Volatile.Read(ref _known) && _time.GetElapsedTime(Volatile.Read(ref _asked)) < Freshness);

    public ContractReader? Find(ulong fingerprint) => _readers.GetValueOrDefault(fingerprint);

    public async ValueTask PrepareAsync(ulong fingerprint, CancellationToken cancellationToken)
    {
        if (IsPrepared(fingerprint))
            return;
        foreach (var version in await _registry.GetVersionsAsync(_stream.Definition.Subject, cancellationToken))
        {
            try
            {
                var schema = version.Parse();
                if (AvroFingerprint.Of(schema) is var own && !_readers.ContainsKey(own))
                    _readers[own] = _stream.Contract.Resolve(schema);
            }
            catch (ContractException)
            {
                // A version that the contract can't read: events of it are refused by their fingerprint.
            }
        }

        Volatile.Write(ref _asked, _time.GetTimestamp());
        Volatile.Write(ref _known, true);
    }
}
