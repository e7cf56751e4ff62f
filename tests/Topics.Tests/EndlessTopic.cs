using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using RealTimeMesh.Components;

namespace RealTimeMesh.Topics.Tests;

/// <summary>A broker whose topics give one record and then none, without end, until the reader leaves.</summary>
public sealed class EndlessTopic
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Ended => _ended.Task;

    public IBrokerAdmin Over(IBrokerAdmin admin)
    {
        var proxy = DispatchProxy.Create<IBrokerAdmin, Proxy>();
        ((Proxy)(object)proxy).Bind(admin, this);
        return proxy;
    }

    private async IAsyncEnumerable<RecordPage> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            yield return new RecordPage([new StoredRecord(0, 0, null, Encoding.UTF8.GetBytes("v"), default)], 1);
            yield return new RecordPage([new StoredRecord(1, 0, null, Encoding.UTF8.GetBytes("v"), default)], 2);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    /// <summary>Everything else is the real broker's.</summary>
    public class Proxy : DispatchProxy
    {
        private IBrokerAdmin? _admin;
        private EndlessTopic? _topic;

        internal void Bind(IBrokerAdmin admin, EndlessTopic topic) => (_admin, _topic) = (admin, topic);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name == nameof(IBrokerAdmin.ReadAsync)
            ? _topic!.ReadAsync((CancellationToken)args![1]!)
            : targetMethod.Invoke(_admin, args);
    }
}
