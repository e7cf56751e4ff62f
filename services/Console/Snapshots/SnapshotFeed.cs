using System.Text.Json;
using System.Text.Json.Serialization;

namespace RealTimeMesh.Console.Snapshots;

/// <summary>The newest snapshot, its JSON made once for all who read it, and a signal for the next.</summary>
internal sealed class SnapshotFeed(TimeProvider time)
{
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.Never };

    private Published _latest = new(MeshSnapshot.Empty(time.GetUtcNow()));

    public Published Latest => Volatile.Read(ref _latest);

    public void Publish(MeshSnapshot snapshot)
    {
        var before = Interlocked.Exchange(ref _latest, new Published(snapshot));
        before.Replaced.TrySetResult();
    }

    internal sealed class Published(MeshSnapshot snapshot)
    {
        private readonly Lazy<byte[]> _json = new(() => JsonSerializer.SerializeToUtf8Bytes(snapshot, s_json));

        public MeshSnapshot Snapshot => snapshot;

        public ReadOnlyMemory<byte> Json => _json.Value;

        /// <summary>Completes when a newer snapshot is there.</summary>
        public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
