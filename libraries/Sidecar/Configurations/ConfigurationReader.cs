using RealTimeMesh.Components;
using RealTimeMesh.Contracts;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace RealTimeMesh.Sidecar.Configurations;

/// <summary>Reads <c>--config</c> files: each is laid over those before it.</summary>
public static class ConfigurationReader
{
    /// <summary>
    /// The configuration of these files, with <c>$NAME</c> and <c>${NAME}</c> replaced by environment variables. Throws a
    /// <see cref="RealTimeMeshException"/> in daprd's words where a file is missing or wrong.
    /// </summary>
    /// <param name="files">Paths, the strongest last.</param>
    /// <param name="environment">Variables by name; null where there is none.</param>
    public static SidecarConfiguration Read(IReadOnlyList<string> files, Func<string, string?> environment)
    {
        var configuration = new SidecarConfiguration();
        foreach (var file in files)
            configuration = Apply(configuration, ReadText(file), environment);
        CheckSecretScopes(configuration.SecretScopes);
        return configuration with { Tracing = OtlpEnvironment.Apply(configuration.Tracing, environment) };
    }

    private static string ReadText(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Fault($"stat {file}: no such file or directory", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Fault($"open {file}: {e.Message}", e);
        }
    }

    private static SidecarConfiguration Apply(SidecarConfiguration configuration, string text, Func<string, string?> environment)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(EnvironmentText.Expand(text, environment)));
        }
        catch (YamlException e)
        {
            throw Fault($"yaml: line {e.Start.Line}: {e.Message}", e);
        }

        // Of several documents daprd reads the first.
        if (stream.Documents.Count == 0)
            return configuration;
        var faults = new List<string>();
        var root = new ConfigurationNode(stream.Documents[0].RootNode, faults);
        var applied = ConfigurationMapper.Apply(configuration, root);
        return faults.Count == 0 ? applied : throw Fault($"yaml: unmarshal errors:\n  {string.Join("\n  ", faults)}", null);
    }

    private static void CheckSecretScopes(IReadOnlyList<SecretScope> scopes)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var scope in scopes)
        {
            if (!seen.Add(scope.StoreName))
                throw Fault($"{scope.StoreName} storeName is repeated in secrets configuration", null);
        }
    }

    private static RealTimeMeshException Fault(string text, Exception? cause) => new($"error loading configuration: {text}", cause);
}
