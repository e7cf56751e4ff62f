using RealTimeMesh.Components;
using Xunit;

namespace RealTimeMesh.Testing;

/// <summary>A delivery handler that keeps copies of what it got and lets a test wait for it.</summary>
public sealed class BatchRecorder
{
    private readonly Lock _gate = new();
    private readonly List<DeliveryBatch> _batches = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Decides about a batch; all is acknowledged by default.</summary>
    public Func<DeliveryBatch, CancellationToken, Task<DeliveryResult>>? Decide { get; set; }

    public IReadOnlyList<DeliveryBatch> Batches
    {
        get
        {
            lock (_gate)
                return [.. _batches];
        }
    }

    /// <summary>All messages, in the order of their arrival.</summary>
    public IReadOnlyList<DeliveredMessage> Messages => [.. Batches.SelectMany(b => b.Messages)];

    /// <summary>The handler.</summary>
    public async Task<DeliveryResult> HandleAsync(DeliveryBatch batch, CancellationToken cancellationToken)
    {
        var copy = batch with
        {
            Messages = [.. batch.Messages.Select(m => m with { Value = m.Value.ToArray(), Headers = new MessageHeaders(m.Headers.Block.ToArray()) })],
        };
        lock (_gate)
        {
            _batches.Add(copy);
            _changed.SetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        return Decide is { } decide ? await decide(copy, cancellationToken) : DeliveryResult.Acknowledged;
    }

    /// <summary>Waits until that many messages have arrived, repeated ones counted again.</summary>
    public Task WaitForMessagesAsync(int count) => WaitAsync(batches => batches.Sum(b => b.Messages.Count) >= count, $"{count} messages");

    public Task WaitForBatchesAsync(int count) => WaitAsync(batches => batches.Count >= count, $"{count} batches");

    private async Task WaitAsync(Func<List<DeliveryBatch>, bool> reached, string what)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (reached(_batches))
                    return;
                changed = _changed.Task;
            }

            try
            {
                await changed.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"waited 30 s for {what}; found {Messages.Count} messages in {Batches.Count} batches");
            }
        }
    }
}
