using RealTimeMesh.SchemaRegistry;

if (RegistryCommands.TryRun(args, Console.Out, Console.Error) is { } exitCode)
    return exitCode;

await SchemaRegistryApp.Build(args).RunAsync();
return 0;
