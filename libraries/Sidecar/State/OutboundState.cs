using System.Runtime.ExceptionServices;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts;
using RealTimeMesh.Sidecar.Resiliency;

namespace RealTimeMesh.Sidecar.State;

/// <summary>A call of a state store under the component's outbound policies.</summary>
internal static class OutboundState
{
    /// <summary>
    /// The last result. A refused ETag counts as a failure for a circuit breaker; sets and bulk deletions are not repeated
    /// because of it, single deletions and transactions are: daprd does the same.
    /// </summary>
    public static async Task<T> RunAsync<T>(PolicyRunner policies, string operation, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        var outcome = await policies.RunAsync(
            (call, IsPermanent: operation is "set" or "bulk_delete"),
            static async (state, attempt) =>
            {
                var result = await state.call(attempt.Token);
                return result is StateWrite { Outcome: not StateWriteOutcome.Applied }
                    ? new Outcome<T>(result, new ETagRefusedException(), IsPermanent: state.IsPermanent)
                    : new Outcome<T>(result);
            },
            cancellationToken);
        if (outcome.Error is not null and not ETagRefusedException)
            ExceptionDispatchInfo.Throw(outcome.Error);
        return outcome.Value!;
    }

    /// <summary>Never leaves this class: the outcome itself tells the caller.</summary>
    private sealed class ETagRefusedException() : RealTimeMeshException("possible etag mismatch");
}
