using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Components;

/// <summary><c>secretstores.local.env</c>: the environment variables of the process as secrets of one value each.</summary>
/// <param name="environment">The variables; null for those of the process at the time of each request.</param>
public sealed class LocalEnvSecretStoreType(Func<IReadOnlyDictionary<string, string>>? environment = null) : IComponentType
{
    public string Name => "secretstores.local.env";

    public IReadOnlyList<ComponentSetting> Settings { get; } = [new("prefix")];

    public bool AcceptsUnknownSettings => true;

    public Task<IAsyncDisposable> StartAsync(ComponentSpec spec, ComponentContext context, CancellationToken cancellationToken) =>
        Task.FromResult<IAsyncDisposable>(new LocalEnvSecretStore(
            environment ?? ProcessVariables, spec.Text("prefix", ""), context.Logs.CreateLogger(typeof(LocalEnvSecretStore).FullName!)));

    private static Dictionary<string, string> ProcessVariables()
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
            result[(string)entry.Key] = (string?)entry.Value ?? "";
        return result;
    }
}
