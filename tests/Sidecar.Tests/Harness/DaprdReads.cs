using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace RealTimeMesh.Sidecar.Tests.Harness;

/// <summary>What tests read of a sidecar's metadata.</summary>
internal static class DaprdReads
{
    /// <summary>Components as <c>name type/version</c>, sorted.</summary>
    public static async Task<string[]> ComponentsAsync(this Daprd daprd) =>
        [.. List(await daprd.MetadataAsync(), "components")
            .Select(component => $"{component.GetProperty("name")} {component.GetProperty("type")}/{component.GetProperty("version")}").Order(StringComparer.Ordinal)];

    /// <summary>Waits until the sidecar has exactly these components, each as <c>name type/version</c>.</summary>
    public static Task HasComponentsAsync(this Daprd daprd, params string[] expected)
    {
        Array.Sort(expected, StringComparer.Ordinal);
        string[] found = [];
        return Eventually.TrueAsync(
            async () => (found = await daprd.ComponentsAsync()).SequenceEqual(expected, StringComparer.Ordinal),
            () => $"components [{string.Join(", ", expected)}]; found [{string.Join(", ", found)}]. It wrote:\n{daprd.Log}");
    }

    /// <summary>Waits until the app is healthy: where its health is checked, a call before that is refused.</summary>
    public static Task HasHealthyAppAsync(this Daprd daprd) => daprd.LoggedAsync("App entered healthy status");

    /// <summary>Waits until nobody listens on a port any more.</summary>
    public static Task RefusesAsync(int port) => Eventually.TrueAsync(
        async () =>
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port);
                return false;
            }
            catch (SocketException)
            {
                return true;
            }
        },
        () => $"connections to port {port} refused");

    /// <summary>An array of the metadata; empty where it is left out.</summary>
    public static JsonElement[] List(JsonElement metadata, string name) => metadata.TryGetProperty(name, out var list) ? [.. list.EnumerateArray()] : [];
}
