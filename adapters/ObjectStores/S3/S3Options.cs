namespace RealTimeMesh.ObjectStores;

/// <summary>Settings of Amazon S3 and of stores that speak its protocol.</summary>
public sealed record S3Options
{
    /// <summary>URL of a compatible store, such as <c>http://minio:9000</c>. Default Amazon's for the region.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Region. Default that of the AWS profile; <c>us-east-1</c> with an endpoint.</summary>
    public string? Region { get; init; }

    /// <summary>Whether the bucket is in the URL's path rather than in its host. Default: with an endpoint.</summary>
    public bool? PathStyle { get; init; }

    /// <summary>Access key with <see cref="SecretKey"/>. Default the standard chain: environment, profile, container or machine role.</summary>
    public string? AccessKey { get; init; }

    public string? SecretKey { get; init; }

    public string? SessionToken { get; init; }
}
