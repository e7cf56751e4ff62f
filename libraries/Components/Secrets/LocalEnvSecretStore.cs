using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Components;

/// <summary>Environment variables as secrets. A variable that is not set or not to be shown is an empty secret, as in daprd.</summary>
internal sealed class LocalEnvSecretStore(Func<IReadOnlyDictionary<string, string>> environment, string prefix, ILogger logger) : ISecretStore
{
    public IReadOnlyList<string> Features => [];

    public Task<IReadOnlyDictionary<string, string>> GetAsync(string name, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        var value = "";
        if (!EnvironmentRules.IsReadable(prefix + name))
            Log.VariableForbidden(logger, name);
        else if (environment().TryGetValue(prefix + name, out var found))
            value = found;
        return Task.FromResult<IReadOnlyDictionary<string, string>>(new Dictionary<string, string>(StringComparer.Ordinal) { [name] = value });
    }

    public Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> GetAllAsync(IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.Ordinal);
        foreach (var (variable, value) in environment())
        {
            // A variable named like the prefix alone has no name of its own.
            if (prefix.Length > 0 && (variable.Length <= prefix.Length || !variable.StartsWith(prefix, StringComparison.Ordinal)))
                continue;
            if (!EnvironmentRules.IsReadable(variable))
                continue;
            var name = variable[prefix.Length..];
            all[name] = new Dictionary<string, string>(StringComparer.Ordinal) { [name] = value };
        }

        return Task.FromResult<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>>(all);
    }

    public ValueTask DisposeAsync() => default;
}
