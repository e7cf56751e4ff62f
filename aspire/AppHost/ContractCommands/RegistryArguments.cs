using System.CommandLine;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.AppHost.ContractCommands;

/// <summary>How commands reach a registry.</summary>
internal sealed class RegistryArguments(TimeProvider time)
{
    private readonly Option<string?> _user = new("--user") { Description = "For a registry: USER:PASSWORD, or a token after 'bearer:'. Default: the variable SCHEMA_REGISTRY_AUTH.", HelpName = "AUTH" };
    private readonly Option<int> _timeout = new("--timeout") { Description = "Seconds a registry may take to answer.", HelpName = "SECONDS", DefaultValueFactory = _ => 30 };

    public void AddTo(Command command)
    {
        command.Add(_user);
        command.Add(_timeout);
    }

    public SchemaRegistryClient Client(HttpClient http, Uri url, ParseResult result) => new(
        http,
        new SchemaRegistryOptions
        {
            Url = url,
            Timeout = TimeSpan.FromSeconds(result.GetValue(_timeout)),
            Credentials = Credentials(result.GetValue(_user) ?? Environment.GetEnvironmentVariable("SCHEMA_REGISTRY_AUTH")),
        },
        time);

    /// <summary>Throws <see cref="ContractException"/> where it is no address.</summary>
    public static Uri Url(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
        ? url
        : throw new ContractException($"{text}: found no address; expected http:// or https:// and the registry's host. Correct it.");

    private static RegistryCredentials? Credentials(string? text)
    {
        const string bearer = "bearer:";
        if (string.IsNullOrEmpty(text))
            return null;

        if (text.StartsWith(bearer, StringComparison.OrdinalIgnoreCase))
            return RegistryCredentials.Bearer(text[bearer.Length..]);

        return text.Split(':', 2) is [var user, var password]
            ? RegistryCredentials.Basic(user, password)
            : throw new ContractException("--user: found a text without ':'; expected USER:PASSWORD or bearer:TOKEN. Correct it.");
    }
}
