using RealTimeMesh.AppHost;

return await new HostCommand()
    .Build((options, cancellationToken) => new HostRun(options, TimeProvider.System).ExecuteAsync(cancellationToken))
    .Parse(args)
    .InvokeAsync(new() { ProcessTerminationTimeout = null });
