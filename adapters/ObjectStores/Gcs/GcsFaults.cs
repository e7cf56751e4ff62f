using System.Text.Json;

namespace RealTimeMesh.ObjectStores.Gcs;

/// <summary>What errors of Google Cloud Storage mean and how they are cured.</summary>
internal static class GcsFaults
{
    public static async Task<ObjectStoreException> OfAsync(string path, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var status = (int)answer.StatusCode;
        var transient = status is >= 500 or 429 or 408;
        var cure = status switch
        {
            _ when transient => "",
            404 => "; expected the bucket to exist; create it or correct its name",
            401 or 403 => "; expected credentials with the right to list, get, create and delete objects there; check GOOGLE_APPLICATION_CREDENTIALS and the bucket's roles",
            _ => "",
        };
        var told = Message(await answer.Content.ReadAsStringAsync(cancellationToken));
        return new ObjectStoreException(path, $"{status} {answer.ReasonPhrase}: {told}{cure}", transient) { RetryAfter = answer.Headers.RetryAfter?.Delta };
    }

    private static string Message(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.GetProperty("error").GetProperty("message").GetString() ?? text;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return text.Trim();
        }
    }
}
