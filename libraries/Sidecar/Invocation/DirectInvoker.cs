using Grpc.Core;
using RealTimeMesh.Sidecar.Invocation.Http;
using RealTimeMesh.Sidecar.Invocation.Names;
using RealTimeMesh.Sidecar.Invocation.Remote;
using RealTimeMesh.Sidecar.Resiliency;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar.Invocation;

/// <summary>Finds who is called and calls it: this sidecar's app, another's, an HTTP endpoint.</summary>
internal sealed class DirectInvoker(
    SidecarOptions options,
    LocalApp app,
    HttpEndpoints endpoints,
    RemoteSidecars sidecars,
    NameLookup names,
    ForwardedHeaders forwarded,
    SidecarMetrics metrics,
    TimeProvider time,
    ResiliencyProvider resiliency)
{
    /// <summary>Throws <see cref="InvokeException"/> where there is no answer.</summary>
    public Task<InvokeAnswer> InvokeAsync(string target, InvokeCall call, CancellationToken cancellationToken)
    {
        call = call with { Method = MethodName.Normalise(call.Method), Metadata = call.Metadata.Copy() };
        if (endpoints.Find(target) is { } endpoint)
            return RepeatAsync(target, call, (_, token) => CountAsync(target, new HttpInvoker(endpoint, metrics, time), call, token), cancellationToken);
        var (id, space) = AppName.Parse(target, options.Namespace);
        AddCaller(call.Metadata, id);
        if (id == options.AppId && space == options.Namespace)
            return app.Invoker.InvokeAsync(call, cancellationToken);
        forwarded.AddTo(call.Metadata);
        call.Metadata["destination-app-id"] = id;
        return RepeatAsync(id, call, (_, token) => InvokeRemoteAsync(id, space, call, token), cancellationToken);
    }

    private async Task<InvokeAnswer> InvokeRemoteAsync(string id, string space, InvokeCall call, CancellationToken cancellationToken)
    {
        var address = await names.FindAsync(id, space, cancellationToken);
        try
        {
            return await CountAsync(id, new RemoteInvoker(sidecars, address), call, cancellationToken);
        }
        catch (InvokeException exception) when (exception.Status is StatusCode.Unavailable)
        {
            names.Forget(id, space, address);
            throw;
        }
    }

    private async Task<InvokeAnswer> CountAsync(string id, IAppInvoker callee, InvokeCall call, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        metrics.InvocationSent(id, "unary");
        var answer = await callee.InvokeAsync(call, cancellationToken);
        metrics.InvocationCompleted(id, answer.Code, "unary", time.GetElapsedTime(started));
        return answer;
    }

    /// <summary>Without a policy for the target, a sidecar that is not there is tried again by the built-in one.</summary>
    private async Task<InvokeAnswer> RepeatAsync(string id, InvokeCall call, Func<Attempt, CancellationToken, Task<InvokeAnswer>> invoke, CancellationToken cancellationToken)
    {
        if (resiliency.IsAppTarget(id) || !call.Body.CanRepeat)
            return await invoke(new Attempt(1, cancellationToken), cancellationToken);
        var outcome = await resiliency.BuiltIn(BuiltInPolicies.ServiceRetries).RunAsync(
            (id, invoke),
            static async (state, attempt) =>
            {
                try
                {
                    return new Outcome<InvokeAnswer>(await state.invoke(attempt, attempt.Token));
                }
                catch (InvokeException exception) when (exception.Status is StatusCode.Unavailable or StatusCode.Unauthenticated)
                {
                    return new Outcome<InvokeAnswer>(default, new InvokeException($"failed to invoke target {state.id} after {attempt.Number - 1} retries. Error: {exception.Message}", exception));
                }
                catch (Exception exception) when (!attempt.Token.IsCancellationRequested)
                {
                    return new Outcome<InvokeAnswer>(default, exception, IsPermanent: true);
                }
            },
            cancellationToken);
        if (outcome.Error is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(outcome.Error);
        return outcome.Value!;
    }

    /// <summary>The sidecar says who calls, whatever the caller says.</summary>
    private void AddCaller(InvokeMetadata metadata, string callee)
    {
        metadata["dapr-caller-namespace"] = options.Namespace;
        metadata["dapr-caller-app-id"] = options.AppId;
        metadata["dapr-callee-app-id"] = callee;
    }
}
