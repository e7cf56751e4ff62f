using System.Net.Http.Headers;
using System.Text;

namespace RealTimeMesh.Contracts;

/// <summary>How a client shows a registry who it is.</summary>
public sealed record RegistryCredentials
{
    private readonly AuthenticationHeaderValue _header;

    private RegistryCredentials(AuthenticationHeaderValue header) => _header = header;

    internal AuthenticationHeaderValue Header => _header;

    /// <summary>HTTP Basic: a user and a password, or a key and its secret.</summary>
    public static RegistryCredentials Basic(string user, string password) =>
        new(new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))));

    /// <summary>An OAuth token.</summary>
    public static RegistryCredentials Bearer(string token) => new(new AuthenticationHeaderValue("Bearer", token));

    /// <summary>Secrets stay out of logs.</summary>
    public override string ToString() => $"{_header.Scheme} ***";
}
