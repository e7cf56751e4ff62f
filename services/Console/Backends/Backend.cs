using System.Text.Json;

namespace RealTimeMesh.Console.Backends;

/// <summary>A service that pages ask.</summary>
/// <param name="Name">As people know it, for what goes wrong.</param>
/// <param name="Naming">How its JSON names members.</param>
/// <param name="IsGuarded">It serves only who brings <c>MESH_ADMIN_TOKEN</c>, where that is set.</param>
internal sealed record Backend(string Name, Uri Url, JsonNamingPolicy Naming, bool IsGuarded = false);
