using System.Text.Json;
using RealTimeMesh.Ingestion.Streams;

namespace RealTimeMesh.Ingestion.Grpc;

/// <summary>A name that a call has for itself until it is disposed.</summary>
internal sealed class Sender(string key, Action<Sender> close) : IDisposable
{
    private readonly CancellationTokenSource _taken = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _counting = Task.CompletedTask;

    public string Key => key;

    /// <summary>Highest sequence that is stored and counted; -1 where there is none.</summary>
    public long LastSequence { get; set; } = -1;

    /// <summary>Another call wants the name.</summary>
    public CancellationToken Taken => _taken.Token;

    /// <summary>Counts events together with the position they bring the sender to. Ends when both are stored.</summary>
    public async Task CountAsync(StreamLedger ledger, int accepted, int rejected, long last, TimeSpan lifetime)
    {
        var record = new RecordWrite(key, JsonSerializer.SerializeToUtf8Bytes(new SenderRecord { LastSequence = last }, RecordJson.Default.SenderRecord), lifetime);
        _counting = ledger.AddWithAsync(accepted, rejected, record);
        await _counting;
        LastSequence = last;
    }

    /// <summary>Asks the call that has the name to end; returns when it has.</summary>
    public async Task EndAsync()
    {
        await _taken.CancelAsync();
        await _ended.Task;
    }

    /// <summary>Gives the name back once what was published is counted: its next owner must not publish and count that again.</summary>
    public void Dispose() => _counting.ContinueWith(
        _ =>
        {
            close(this);
            _ended.TrySetResult();
        },
        CancellationToken.None,
        TaskContinuationOptions.None,
        TaskScheduler.Default);
}
