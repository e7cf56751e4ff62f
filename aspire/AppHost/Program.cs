using RealTimeMesh.AppHost;

return await new HostCommand()
    .Build((options, cancellationToken) => new HostRun(options, TimeProvider.System).ExecuteAsync(cancellationToken), TimeProvider.System)
    .Parse(args)
    .InvokeAsync(new() { ProcessTerminationTimeout = null });
