namespace RealTimeMesh.Snowflake;

/// <summary>Where the SQL REST API is and who we are.</summary>
public sealed record SnowflakeOptions
{
    /// <summary>Such as <c>https://org-account.snowflakecomputing.com</c>, or the warehouse stand-in's address.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Account identifier, for the token's issuer; null where the server wants no token.</summary>
    public string? Account { get; init; }

    public string? User { get; init; }

    /// <summary>PEM text of the RSA private key of key-pair authentication; null where the server wants no token.</summary>
    public string? PrivateKeyPem { get; init; }

    public string? Database { get; init; }

    public string? Warehouse { get; init; }

    public string? Role { get; init; }

    /// <summary>Longest run of one statement. Default 5 min; the API counts whole seconds.</summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Attempts of one HTTP request, with the same request id, when the server is out of reach, overloaded (429) or failing (5xx). Default 6.</summary>
    public int MaxAttempts { get; init; } = 6;

    /// <summary>Wait before the second attempt; doubles with each further one, up to 10 s. Default 250 ms.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Wait between two polls of a running statement. Default 250 ms.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(250);
}
