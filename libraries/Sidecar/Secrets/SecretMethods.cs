using Dapr.Client.Autogen.Grpc.v1;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using RealTimeMesh.Sidecar.Grpc;

namespace RealTimeMesh.Sidecar.Secrets;

/// <summary>Secrets over gRPC.</summary>
internal sealed class SecretMethods(SecretService secrets) : IServiceMethodProvider<DaprService>
{
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<DaprService> context)
    {
        context.Unary("GetSecret", GetSecretRequest.Parser, GetSecretResponse.Parser, GetSecret);
        context.Unary("GetBulkSecret", GetBulkSecretRequest.Parser, GetBulkSecretResponse.Parser, GetBulkSecret);
    }

    private async Task<GetSecretResponse> GetSecret(GetSecretRequest request, ServerCallContext context)
    {
        var response = new GetSecretResponse();
        foreach (var (name, value) in await secrets.GetAsync(request.StoreName, request.Key, request.Metadata.AsReadOnly(), context.CancellationToken))
            response.Data[name] = value;
        return response;
    }

    private async Task<GetBulkSecretResponse> GetBulkSecret(GetBulkSecretRequest request, ServerCallContext context)
    {
        var response = new GetBulkSecretResponse();
        foreach (var (secret, values) in await secrets.GetAllAsync(request.StoreName, request.Metadata.AsReadOnly(), context.CancellationToken))
        {
            var item = new SecretResponse();
            foreach (var (name, value) in values)
                item.Secrets[name] = value;
            response.Data[secret] = item;
        }

        return response;
    }
}
