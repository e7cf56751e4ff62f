using System.Text.Json;
using RealTimeMesh.Components;

namespace RealTimeMesh.Kafka;

/// <summary>Maps daprd's authentication settings to those of the client library.</summary>
internal static class KafkaSecurity
{
    /// <summary>Adds the settings for the component's <c>authType</c>; tells what is missing for it.</summary>
    /// <param name="spec">The component.</param>
    /// <param name="client">Gets the settings.</param>
    /// <param name="fault">Takes setting, found, expected and cure.</param>
    public static void Apply(ComponentSpec spec, Dictionary<string, string> client, Action<string, string, string, string> fault)
    {
        var authType = AuthType(spec);
        if (authType.Length == 0)
        {
            fault("authType", "nothing", $"one of {string.Join(", ", KafkaSettings.AuthTypes)}", "Add authType; none for brokers without authentication.");
            return;
        }

        var tls = authType != "none" && !spec.Boolean("disableTls", false);
        var sasl = authType is "password" or "oidc";
        client["security.protocol"] = (sasl, tls) switch
        {
            (true, true) => "sasl_ssl",
            (true, false) => "sasl_plaintext",
            (false, true) => "ssl",
            _ => "plaintext",
        };
        if (tls)
            ApplyTls(spec, client);
        switch (authType)
        {
            case "password":
                ApplyPassword(spec, client, Need);
                break;
            case "oidc":
                ApplyOidc(spec, client, Need, fault);
                break;
            case "certificate":
                Need("caCert");
                break;
            case "mtls":
                ApplyMutualTls(spec, client, tls, fault);
                break;
        }

        string Need(string setting)
        {
            var value = spec.Text(setting, "");
            if (value.Length == 0)
                fault(setting, "nothing", $"a value for authType {authType}", $"Add the setting {setting}.");
            return value;
        }
    }

    /// <summary>The older <c>authRequired</c> stands for password (with a <c>saslPassword</c>), mtls or none.</summary>
    private static string AuthType(ComponentSpec spec)
    {
        if (spec.Text("authType", "") is { Length: > 0 } authType)
            return authType.ToLowerInvariant();
        if (spec.Text("authRequired", "").Length == 0)
            return "";
        if (!spec.Boolean("authRequired", false))
            return "none";
        return spec.Text("saslPassword", "").Length > 0 ? "password" : "mtls";
    }

    private static void ApplyTls(ComponentSpec spec, Dictionary<string, string> client)
    {
        if (spec.Text("caCert", "") is { Length: > 0 } authority)
            client["ssl.ca.pem"] = authority;
        if (spec.Boolean("skipVerify", false))
        {
            client["enable.ssl.certificate.verification"] = "false";
            client["ssl.endpoint.identification.algorithm"] = "none";
        }
    }

    private static void ApplyPassword(ComponentSpec spec, Dictionary<string, string> client, Func<string, string> need)
    {
        client["sasl.mechanism"] = spec.Text("saslMechanism", "").ToUpperInvariant() switch
        {
            "SHA-256" => "SCRAM-SHA-256",
            "SHA-512" => "SCRAM-SHA-512",
            _ => "PLAIN",
        };
        client["sasl.username"] = need("saslUsername");
        client["sasl.password"] = need("saslPassword");
    }

    private static void ApplyMutualTls(ComponentSpec spec, Dictionary<string, string> client, bool tls, Action<string, string, string, string> fault)
    {
        if (!tls)
            fault("disableTls", "'true' beside authType mtls", "false", "mTLS is TLS: remove disableTls or choose another authType.");
        var (certificate, key) = (spec.Text("clientCert", ""), spec.Text("clientKey", ""));
        if (certificate.Length == 0 || key.Length == 0)
        {
            var missing = certificate.Length == 0 ? "clientCert" : "clientKey";
            fault(missing, "nothing", "clientCert and clientKey for authType mtls", $"Add the setting {missing}.");
            return;
        }

        client["ssl.certificate.pem"] = certificate;
        client["ssl.key.pem"] = key;
    }

    private static void ApplyOidc(ComponentSpec spec, Dictionary<string, string> client, Func<string, string> need, Action<string, string, string, string> fault)
    {
        client["sasl.mechanism"] = "OAUTHBEARER";
        client["sasl.oauthbearer.method"] = "oidc";
        client["sasl.oauthbearer.token.endpoint.url"] = need("oidcTokenEndpoint");
        client["sasl.oauthbearer.client.id"] = need("oidcClientID");
        client["sasl.oauthbearer.client.secret"] = need("oidcClientSecret");
        client["sasl.oauthbearer.scope"] = string.Join(' ', spec.Text("oidcScopes", "openid").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        if (spec.Text("caCert", "") is { Length: > 0 } authority)
            client["https.ca.pem"] = authority;
        if (spec.Text("oidcExtensions", "") is not { Length: > 0 } text)
            return;
        if (ParseExtensions(text) is { Count: > 0 } extensions)
            client["sasl.oauthbearer.extensions"] = string.Join(',', extensions.Select(pair => $"{pair.Key}={pair.Value}"));
        else
            fault("oidcExtensions", $"'{text}'", "a JSON object of texts such as {\"cluster\":\"kafka\"}", "Correct the value.");
    }

    private static Dictionary<string, string>? ParseExtensions(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string>>(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
