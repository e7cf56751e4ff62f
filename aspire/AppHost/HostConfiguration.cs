using RealTimeMesh.AppHost.Topology;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts;
using RealTimeMesh.Kafka;
using RealTimeMesh.Pipelines;
using RealTimeMesh.Redis;
using RealTimeMesh.RocksDb;
using RealTimeMesh.Sqlite;

namespace RealTimeMesh.AppHost;

/// <summary>Everything the host was told, checked as a whole before anything starts.</summary>
internal sealed record HostConfiguration(RunFile RunFile, IReadOnlyList<ComponentSpec> Components, ComponentTypeRegistry ComponentTypes, IReadOnlyList<PipelineDefinition> Pipelines)
{
    /// <summary>The configuration, or null and every fault of every file.</summary>
    public static (HostConfiguration? Configuration, IReadOnlyList<ConfigurationFault> Faults) Load(HostOptions options)
    {
        var types = Types();
        List<ConfigurationFault> faults = [];
        var (runFile, runFaults) = new RunFileLoader(options.RunFile).Load();
        faults.AddRange(runFaults);
        var components = ComponentLoader.Load([options.ComponentsPath], Environment.GetEnvironmentVariable);
        faults.AddRange(components.Faults);
        faults.AddRange(types.Validate(components.Components));
        if (components.Faults.Count == 0)
            faults.AddRange(MissingKinds(options.ComponentsPath, components.Components));
        var pipelines = PipelineLoader.Load(options.PipelinesPath, options.Pipelines);
        faults.AddRange(pipelines.Faults);
        faults.AddRange(RetryPolicyLoader.Load(options.RetriesPath).Faults);
        if (options.UntilDrained && options.Ingest is null)
            faults.AddRange(EndlessSources(pipelines.Pipelines, options.Replay == "off"));
        if (options.Ingest is { } source && pipelines.Faults.Count == 0)
            source.ApplyTo(pipelines.Pipelines);
        return faults.Count > 0 || runFile is null
            ? (null, faults)
            : (new HostConfiguration(runFile, components.Components, types, pipelines.Pipelines), []);
    }

    /// <summary>The types of components that the host can start.</summary>
    public static ComponentTypeRegistry Types() => new(
    [
        new RocksDbPubSubType(), new KafkaPubSubType(), new RedisPubSubType(), new InMemoryPubSubType(), new InMemoryLogType(),
        new RedisStateType(), new SqliteStateType(), new InMemoryStateType(), new LocalEnvSecretStoreType(), new LocalFileSecretStoreType(),
    ]);

    private static IEnumerable<ConfigurationFault> MissingKinds(string path, IReadOnlyList<ComponentSpec> components)
    {
        foreach (var (name, kind) in (ReadOnlySpan<(string, string)>)[("pubsub", "pubsub."), ("statestore", "state.")])
        {
            if (!components.Any(spec => spec.Name == name && spec.Type.StartsWith(kind, StringComparison.Ordinal)))
                return [new ConfigurationFault(path, 0, name, "no such component", $"a component named '{name}' of a {kind}* type", "Add one, as components/embedded does.")];
        }

        return [];
    }

    private static IEnumerable<ConfigurationFault> EndlessSources(IReadOnlyList<PipelineDefinition> pipelines, bool off) =>
        from pipeline in pipelines
        from stream in pipeline.Streams
        from source in stream.Sources
        let changes = source.Changes is not null && !off
        where changes || (source.Generator is not null && source.Events == 0)
        select changes
            ? new ConfigurationFault(Path.Combine(pipeline.Directory, "pipeline.yaml"), 0, $"streams.{stream.Name}.sources", $"source '{source.Name}', the changes of a database, which have no end", "sources that end when --until-drained is asked for", "Leave --until-drained out, or read no source with --replay off.")
            : new ConfigurationFault(Path.Combine(pipeline.Directory, "pipeline.yaml"), 0, $"streams.{stream.Name}.sources", $"generator '{source.Generator}' without end", "a number of events when --until-drained is asked for", "Give it events: N, or leave --until-drained out.");
}
