using Dapr.Client;
using RealTimeMesh.ChangeCapture;

namespace RealTimeMesh.Ingestion.Sources.Changes;

/// <summary>Fetches connection strings from where they are kept, each time anew: they may be changed while the service runs.</summary>
internal sealed class ConnectionSecrets(DaprClient dapr)
{
    /// <summary>False where the place is known not to be there; a secret store is asked only when it is needed.</summary>
    public bool Exists(ConnectionSecret secret, out string missing)
    {
        missing = secret.ToString();
        return secret switch
        {
            { Environment: { } variable } => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable)),
            { File: { } path } => File.Exists(path),
            _ => true,
        };
    }

    public async Task<string> ReadAsync(ConnectionSecret secret, CancellationToken cancellationToken)
    {
        var text = secret switch
        {
            { Text: { } given } => given,
            { Environment: { } variable } => Environment.GetEnvironmentVariable(variable),
            { File: { } path } => await ReadFileAsync(path, cancellationToken),
            _ => (await dapr.GetSecretAsync(secret.Store!, secret.Secret!, cancellationToken: cancellationToken)).GetValueOrDefault(secret.Key!),
        };
        return string.IsNullOrWhiteSpace(text)
            ? throw new SourceException($"connection: found nothing in {secret}; expected a connection string. Set it.")
            : text.Trim();
    }

    private static async Task<string> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SourceException($"connection: file {path} cannot be read ({e.Message}); expected a readable file with the connection string.", e);
        }
    }
}
