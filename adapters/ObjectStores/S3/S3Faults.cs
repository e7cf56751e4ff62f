using System.Net;
using Amazon.Runtime;

namespace RealTimeMesh.ObjectStores.S3;

/// <summary>What errors of S3 mean and how they are cured.</summary>
internal static class S3Faults
{
    public static ObjectStoreException Of(string path, Exception exception)
    {
        if (exception is not AmazonServiceException { StatusCode: not 0 } answered)
        {
            // Without credentials no request was made; else the connection broke.
            var missing = exception.Message.Contains("credentials", StringComparison.OrdinalIgnoreCase);
            return missing
                ? new ObjectStoreException(path, $"{exception.Message}; expected credentials of AWS; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile, or run with a role.", innerException: exception)
                : new ObjectStoreException(path, exception.InnerException?.Message ?? exception.Message, isTransient: true, exception);
        }

        var told = $"{(int)answered.StatusCode} {answered.ErrorCode}: {answered.Message}";
        var transient = (int)answered.StatusCode >= 500
            || answered.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout
            // Another put of the same key was under way: S3 asks to try again, and then one of them has won.
            || answered.ErrorCode is "ConditionalRequestConflict" or "SlowDown" or "RequestTimeout" or "RequestTimeTooSkewed" or "OperationAborted";
        var cure = answered switch
        {
            _ when transient => "",
            { ErrorCode: "NoSuchBucket" } => "; expected the bucket to exist; create it or correct its name",
            { ErrorCode: "InvalidAccessKeyId" or "SignatureDoesNotMatch" or "ExpiredToken" } => "; expected valid credentials; check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN",
            { StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized } => "; expected the right to list, get, put and delete objects there; check the credentials and the bucket's policy",
            { StatusCode: HttpStatusCode.Moved or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect } => "; expected the bucket's own region; set AWS_REGION",
            { StatusCode: HttpStatusCode.NotImplemented } => "; expected a store with conditional puts (If-None-Match: *); use another, or another version of it",
            _ => "",
        };
        return new ObjectStoreException(path, told + cure, transient, exception);
    }
}
