using Confluent.Kafka;
using RealTimeMesh.Components;

namespace RealTimeMesh.Kafka;

/// <summary>Waits for the delivery reports of one publish: counts down, keeps what failed. One task for all of its messages.</summary>
internal sealed class PublishBatch(string topic, int count)
{
    private readonly TaskCompletionSource<PublishResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private List<PublishFailure>? _failures;
    private int _open = count;

    /// <summary>Ends when every message has its report.</summary>
    public Task<PublishResult> Done => _done.Task;

    /// <summary>The handler of one message's report.</summary>
    public Action<DeliveryReport<byte[]?, byte[]?>> Handler(int index) => new Slot(this, index).Report;

    public void Fail(int index, Exception error)
    {
        lock (_gate)
            (_failures ??= []).Add(new PublishFailure(index, error));
        CountDown();
    }

    private void CountDown()
    {
        if (Interlocked.Decrement(ref _open) != 0)
            return;
        _done.SetResult(_failures is null ? PublishResult.Success : new PublishResult([.. _failures.OrderBy(failure => failure.Index)]));
    }

    private sealed class Slot(PublishBatch batch, int index)
    {
        public void Report(DeliveryReport<byte[]?, byte[]?> report)
        {
            if (report.Error.IsError)
                batch.Fail(index, KafkaErrors.Publish(batch.Topic, report.Error));
            else
                batch.CountDown();
        }
    }

    private string Topic => topic;
}
