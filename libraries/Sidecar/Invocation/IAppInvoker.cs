namespace RealTimeMesh.Sidecar.Invocation;

/// <summary>Makes a call where it is to be made. Throws <see cref="InvokeException"/> where there is no answer.</summary>
internal interface IAppInvoker
{
    Task<InvokeAnswer> InvokeAsync(InvokeCall call, CancellationToken cancellationToken);
}
